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
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.signature.SignatureCheck;
import io.topicstream.log.InMemoryLog;
import io.topicstream.server.delivery.EventLoopLane;
import io.topicstream.server.delivery.FrameEncoder;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.AnswerObserver;
import io.topicstream.transport.Endpoint;
import io.topicstream.transport.Transport;
import io.topicstream.transport.TransportLimits;
import io.topicstream.transport.WebSocketLimits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A node that serves the APIs of a definition on a port of its own: transport, door, callback API and gateway are the
/// real ones; the back ends are the test's, and so is the time.
public final class GatewayNode implements AutoCloseable {
    private static final byte[] KEY = new byte[32];

    final int port;
    final Transport transport;
    private final NodeConnections connections;
    private final List<EventLoopLane> lanes = new ArrayList<>();

    /// What it stands on.
    ///
    /// @param signatures says who may call back, or null: everybody
    /// @param backEnd of all routes, whatever their types
    /// @param clock the time of day
    /// @param monotonicMs for how long something lasts
    /// @param log carries what nodes tell each other; those that share it and `leases` are one system
    public record Parts(
            Definition definition,
            GatewaySettings settings,
            @Nullable SignatureCheck signatures,
            BackEnd backEnd,
            InstantSource clock,
            LongSupplier monotonicMs,
            InMemoryLog log,
            InMemoryStateStore leases) {}

    public GatewayNode(Parts parts) {
        RandomGenerator random = RandomGenerator.getDefault();
        InMemoryLog log = parts.log();
        transport = Transport.start(2, limits());
        NodeTag tag = NodeTag.lease(parts.leases(), parts.clock(), random)
                .toCompletableFuture()
                .join();
        OutboundBudget budget = new OutboundBudget(16 << 20);
        IdentityHashMap<EventLoop, LaneConnections> byLoop = new IdentityHashMap<>();
        List<LaneConnections> byNumber = new ArrayList<>();
        for (EventLoop loop : transport.eventLoops()) {
            int number = byNumber.size();
            Dialects dialects = new Dialects(1 << 16, random, parts.clock());
            EventLoopLane lane = new EventLoopLane(
                    loop, new FrameEncoder(PooledByteBufAllocator.DEFAULT, dialects::of), log, log, budget, random);
            LaneConnections own = new LaneConnections(
                    new ConnectionIds(tag::tag, number, KEY, random), lane::run, lane.deadlines(), number);
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
                        new NoFunctions(),
                        parts.signatures(),
                        parts.clock(),
                        ids,
                        (id, message) -> connections.post(id, message),
                        GatewayLog.ofSystem()));
        try {
            port = transport
                    .bind(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            endpoint(parts, gateway, byLoop, budget, new AnswerFields(ids, parts.clock(), random)))
                    .getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Endpoint endpoint(
            Parts parts,
            Gateway gateway,
            IdentityHashMap<EventLoop, LaneConnections> byLoop,
            OutboundBudget budget,
            AnswerFields fields) {
        GatewayHosts hosts = new GatewayHosts(null);
        hosts.take(parts.definition());
        ServerRules rules = new ServerRules(
                hosts,
                path -> path.getFirst().equals("health"),
                path -> path.getFirst().equals("native"),
                head -> "https://foreign.example".equals(head.header("Origin")));
        return new Endpoint(
                new CallbackApi(
                        gateway,
                        connections,
                        new CallbackApi.Surroundings(
                                exchange -> exchange.respondError(404, "not_found", "others'", Map.of()),
                                rules,
                                () -> true,
                                _ -> {}),
                        parts.settings(),
                        parts.signatures(),
                        fields),
                new GatewayDoor(
                        gateway,
                        (request, decision) -> decision.refuse(418, "others", "others'", Map.of()),
                        rules::isForOthers,
                        byLoop::get,
                        new SocketTerms(parts.settings(), parts.clock(), parts.monotonicMs(), budget),
                        WebSocketLimits.defaults(),
                        fields,
                        new Arrivals()),
                host -> true,
                head -> Map.of(),
                AnswerObserver.NONE);
    }

    private static TransportLimits limits() {
        TransportLimits usual = TransportLimits.defaults();
        return new TransportLimits(
                usual.http(),
                usual.webSocket(),
                usual.connections(),
                usual.connectionsPerAddress(),
                usual.capLoopback(),
                usual.highWatermarkBytes(),
                usual.lowWatermarkBytes(),
                usual.incompleteBytes(),
                usual.answerBytes(),
                usual.stall(),
                Duration.ofMillis(20));
    }

    /// Where it listens, on the loopback.
    public int port() {
        return port;
    }

    /// Its connections, and through it those of its neighbours.
    public Connections connections() {
        return connections;
    }

    /// Opens a client on the stage `dev`.
    GatewaySocket open() throws IOException {
        return GatewaySocket.open(port, "/dev");
    }

    @Override
    public void close() {
        transport.stop(Duration.ZERO, 1012).join();
        lanes.forEach(EventLoopLane::close);
    }
}
