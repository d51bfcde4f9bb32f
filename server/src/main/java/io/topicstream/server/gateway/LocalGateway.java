package io.topicstream.server.gateway;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.topicstream.connection.ConnectionIds;
import io.topicstream.connection.Connections;
import io.topicstream.connection.LaneConnections;
import io.topicstream.connection.NodeConnections;
import io.topicstream.connection.NodeTag;
import io.topicstream.dialect.Dialects;
import io.topicstream.gateway.Gateway;
import io.topicstream.gateway.GatewayLog;
import io.topicstream.gateway.GatewaySettings;
import io.topicstream.gateway.RequestIds;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.signature.SignatureCheck;
import io.topicstream.log.InMemoryLog;
import io.topicstream.server.delivery.EventLoopLane;
import io.topicstream.server.delivery.FrameEncoder;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.AnswerObserver;
import io.topicstream.transport.Endpoint;
import io.topicstream.transport.HttpHandler;
import io.topicstream.transport.RequestHead;
import io.topicstream.transport.Transport;
import io.topicstream.transport.TransportLimits;
import io.topicstream.transport.UpgradeHandler;
import io.topicstream.transport.WebSocketLimits;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The gateway alone, on a port of its own and without a server behind it: it serves the APIs of a definition, whose
/// back ends are given, and their callback API. For what is run in place of API Gateway on one machine.
///
/// Its methods may be called on any thread but an event loop's.
public final class LocalGateway implements AutoCloseable {
    private static final int EVENT_LOOPS = 2;
    private static final int LARGEST_PAYLOAD = 1 << 16;
    private static final long OUTBOUND_BYTES = 64 << 20;
    private static final int KEY_BYTES = 32;
    private static final int GOING_AWAY = 1012;

    private final Transport transport;
    private final NodeConnections connections;
    private final List<EventLoopLane> lanes = new ArrayList<>();
    private final InetSocketAddress address;

    /// What it stands on.
    ///
    /// @param signatures says who may call back, or null: everybody
    /// @param backEnd of all routes, whatever their types
    /// @param functions that authorizers are
    /// @param clock the time of day
    /// @param monotonicMs for how long something lasts
    /// @param log carries what nodes tell each other; those that share it and `leases` are one system
    /// @param limits of its connections
    public record Parts(
            Definition definition,
            GatewaySettings settings,
            @Nullable SignatureCheck signatures,
            BackEnd backEnd,
            Functions functions,
            InstantSource clock,
            LongSupplier monotonicMs,
            InMemoryLog log,
            InMemoryStateStore leases,
            TransportLimits limits) {}

    /// What is served beside it on the same port.
    ///
    /// @param http answers requests that are not the gateway's
    /// @param paths which are its, by their segments; those of stages are not
    /// @param upgrade answers who wants a WebSocket that is not the gateway's
    /// @param stages at which paths those are, by their segments
    /// @param foreignPages which requests come from pages that may not call without a credential
    public record Beside(
            HttpHandler http,
            Predicate<List<String>> paths,
            UpgradeHandler upgrade,
            Predicate<List<String>> stages,
            Predicate<RequestHead> foreignPages) {}

    /// Opens it.
    ///
    /// @throws IOException if it cannot listen there
    public static LocalGateway open(Parts parts, Beside beside, InetSocketAddress address) throws IOException {
        return new LocalGateway(parts, beside, address);
    }

    private LocalGateway(Parts parts, Beside beside, InetSocketAddress wanted) throws IOException {
        RandomGenerator random = RandomGenerator.getDefault();
        InMemoryLog log = parts.log();
        transport = Transport.start(EVENT_LOOPS, parts.limits());
        NodeTag tag = NodeTag.lease(parts.leases(), parts.clock(), random)
                .toCompletableFuture()
                .join();
        OutboundBudget budget = new OutboundBudget(OUTBOUND_BYTES);
        IdentityHashMap<EventLoop, LaneConnections> byLoop = new IdentityHashMap<>();
        List<LaneConnections> byNumber = new ArrayList<>();
        byte[] key = new byte[KEY_BYTES];
        for (EventLoop loop : transport.eventLoops()) {
            int number = byNumber.size();
            Dialects dialects = new Dialects(LARGEST_PAYLOAD, random, parts.clock());
            EventLoopLane lane = new EventLoopLane(
                    loop, new FrameEncoder(PooledByteBufAllocator.DEFAULT, dialects::of), log, log, budget, random);
            LaneConnections own = new LaneConnections(
                    new ConnectionIds(tag::tag, number, key, random), lane::run, lane.deadlines(), number);
            byLoop.put(loop, own);
            byNumber.add(own);
            lanes.add(lane);
        }
        connections = new NodeConnections(
                tag,
                byNumber,
                log,
                _ -> CompletableFuture.completedFuture(true),
                lanes.getFirst().source());
        transport.eventLoops().getFirst().execute(connections::start);
        RequestIds ids = new RequestIds(random.nextLong());
        Gateway gateway = new Gateway(
                parts.definition(),
                parts.settings(),
                new Gateway.Ports(
                        parts.backEnd(),
                        parts.functions(),
                        parts.signatures(),
                        parts.clock(),
                        ids,
                        (id, message) -> connections.post(id, message),
                        GatewayLog.ofSystem()));
        try {
            address = transport.bind(
                    wanted,
                    endpoint(parts, beside, gateway, byLoop, budget, new AnswerFields(ids, parts.clock(), random)));
        } catch (IOException e) {
            close();
            throw e;
        }
    }

    private Endpoint endpoint(
            Parts parts,
            Beside beside,
            Gateway gateway,
            IdentityHashMap<EventLoop, LaneConnections> byLoop,
            OutboundBudget budget,
            AnswerFields fields) {
        GatewayHosts hosts = new GatewayHosts(null);
        hosts.take(parts.definition());
        ServerRules rules =
                new ServerRules(hosts, beside.paths()::test, beside.stages()::test, beside.foreignPages()::test);
        return new Endpoint(
                new CallbackApi(
                        gateway,
                        connections,
                        new CallbackApi.Surroundings(beside.http(), rules, () -> true, _ -> {}),
                        parts.settings(),
                        parts.signatures(),
                        fields),
                new GatewayDoor(
                        gateway,
                        beside.upgrade(),
                        rules::isForOthers,
                        loop -> Objects.requireNonNull(byLoop.get(loop), "one of its loops"),
                        new SocketTerms(parts.settings(), parts.clock(), parts.monotonicMs(), budget),
                        WebSocketLimits.defaults(),
                        fields,
                        new Arrivals()),
                host -> true,
                head -> Map.of(),
                AnswerObserver.NONE);
    }

    /// Where it listens.
    public InetSocketAddress address() {
        return address;
    }

    /// Its connections, and through it those of its neighbours.
    public Connections connections() {
        return connections;
    }

    /// Ends it, and its connections spread over this time; completes when it has ended.
    public CompletableFuture<Void> stop(Duration drain) {
        return transport.stop(drain, GOING_AWAY).thenRun(() -> lanes.forEach(EventLoopLane::close));
    }

    @Override
    public void close() {
        stop(Duration.ZERO).join();
    }
}
