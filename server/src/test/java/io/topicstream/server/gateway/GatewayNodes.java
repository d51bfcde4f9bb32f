package io.topicstream.server.gateway;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.topicstream.connection.ConnectionIds;
import io.topicstream.connection.LaneConnections;
import io.topicstream.connection.NodeConnections;
import io.topicstream.connection.NodeTag;
import io.topicstream.dialect.Dialects;
import io.topicstream.gateway.Gateway;
import io.topicstream.gateway.GatewayLog;
import io.topicstream.gateway.GatewaySettings;
import io.topicstream.gateway.RequestIds;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.DomainMapping;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Route;
import io.topicstream.gateway.model.RouteSettings;
import io.topicstream.gateway.model.Stage;
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
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Two nodes with the same APIs, that share an engine, each on a port of its own: transport, door, callback API and
/// gateway are the real ones; the back end is the test's, and so is the time.
///
/// API `chat` has stages `dev` and `other`, and is `/v1` on the domain `ws.example.com`; API `hidden` has stage
/// `secret`, which only the domain `hidden.example.com` reaches. All routes are two-way.
final class GatewayNodes implements AutoCloseable {
    static final String CHAT = "a1b2c3d4e5";
    static final String HIDDEN = "z9y8x7w6v5";
    private static final byte[] KEY = new byte[32];

    final ScriptedBackEnd backEnd = new ScriptedBackEnd();
    final AtomicLong elapsedMs = new AtomicLong();
    final List<Node> nodes = new ArrayList<>();
    private final ExecutorService engine = Executors.newSingleThreadExecutor();
    private final InstantSource clock = () -> Instant.ofEpochMilli(1_760_000_000_000L + elapsedMs.get());
    private final InMemoryLog log = new InMemoryLog(clock, engine, 7);
    private final InMemoryStateStore leases = new InMemoryStateStore(clock, engine);
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final GatewaySettings settings;
    private final @Nullable SignatureCheck signatures;

    GatewayNodes() {
        this(GatewaySettings.DEFAULTS, null);
    }

    /// @param signatures says who may call back, or null: everybody
    GatewayNodes(GatewaySettings settings, @Nullable SignatureCheck signatures) {
        this.settings = settings;
        this.signatures = signatures;
        nodes.add(new Node());
        nodes.add(new Node());
    }

    static Definition definition() {
        return new Definition(
                List.of(
                        api(
                                CHAT,
                                false,
                                List.of("dev", "other"),
                                List.of(new DomainMapping("ws.example.com", "v1", "dev"))),
                        api(
                                HIDDEN,
                                true,
                                List.of("secret"),
                                List.of(new DomainMapping("hidden.example.com", "", "secret")))),
                List.of(),
                List.of(),
                List.of(),
                List.of());
    }

    private static Api api(String id, boolean isHidden, List<String> stages, List<DomainMapping> mappings) {
        Map<String, Route> routes = new java.util.HashMap<>();
        for (String key : List.of(Api.CONNECT, Api.DISCONNECT, Api.DEFAULT)) {
            routes.put(
                    key,
                    new Route(
                            key,
                            integration(),
                            new Authorization.Open(),
                            false,
                            null,
                            Map.of(),
                            Map.of(),
                            key.equals(Api.DEFAULT)));
        }
        Map<String, Stage> all = new java.util.HashMap<>();
        stages.forEach(name -> all.put(name, new Stage(name, Map.of(), RouteSettings.NONE, Map.of(), null)));
        return new Api(id, id, "$request.body.action", Api.API_KEY_HEADER, isHidden, routes, Map.of(), all, mappings);
    }

    private static Integration integration() {
        return new Integration(
                Integration.Type.HTTP_PROXY,
                "http://127.0.0.1/",
                "POST",
                Integration.ContentHandling.NONE,
                Integration.Passthrough.WHEN_NO_MATCH,
                Map.of(),
                Map.of(),
                null,
                Integration.MAX_TIMEOUT_MS,
                Map.of(),
                null);
    }

    /// Lets time pass, for sockets and for the time of day.
    void pass(Duration time) {
        elapsedMs.addAndGet(time.toMillis());
    }

    /// One of them.
    final class Node {
        final Transport transport;
        final NodeConnections connections;
        final Gateway gateway;
        final int port;
        private final List<EventLoopLane> lanes = new ArrayList<>();

        Node() {
            TransportLimits limits = limits();
            transport = Transport.start(2, limits);
            NodeTag tag =
                    NodeTag.lease(leases, clock, random).toCompletableFuture().join();
            OutboundBudget budget = new OutboundBudget(16 << 20);
            IdentityHashMap<EventLoop, LaneConnections> byLoop = new IdentityHashMap<>();
            List<LaneConnections> byNumber = new ArrayList<>();
            for (EventLoop loop : transport.eventLoops()) {
                int number = byNumber.size();
                Dialects dialects = new Dialects(1 << 16, random, clock);
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
            gateway = new Gateway(
                    definition(),
                    settings,
                    new Gateway.Ports(
                            backEnd,
                            new NoFunctions(),
                            signatures,
                            clock,
                            ids,
                            (id, message) -> connections.post(id, message),
                            GatewayLog.ofSystem()));
            AnswerFields fields = new AnswerFields(ids, clock, random);
            SocketTerms terms = new SocketTerms(settings, clock, elapsedMs::get, budget);
            GatewayHosts hosts = new GatewayHosts(null);
            hosts.take(definition());
            ServerRules rules = new ServerRules(
                    hosts,
                    path -> path.getFirst().equals("health"),
                    path -> path.getFirst().equals("native"),
                    head -> "https://foreign.example".equals(head.header("Origin")));
            Endpoint endpoint = new Endpoint(
                    new CallbackApi(
                            gateway,
                            connections,
                            new CallbackApi.Surroundings(
                                    exchange -> exchange.respondError(404, "not_found", "others'", Map.of()),
                                    rules,
                                    () -> true,
                                    _ -> {}),
                            settings,
                            signatures,
                            fields),
                    new GatewayDoor(
                            gateway,
                            (request, decision) -> decision.refuse(418, "others", "others'", Map.of()),
                            rules::isForOthers,
                            byLoop::get,
                            terms,
                            WebSocketLimits.defaults(),
                            fields,
                            new Arrivals()),
                    host -> true,
                    head -> Map.of(),
                    AnswerObserver.NONE);
            try {
                port = transport
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), endpoint)
                        .getPort();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
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

        /// Opens a client on the stage `dev`.
        GatewaySocket open() throws IOException {
            return GatewaySocket.open(port, "/dev");
        }

        private void close() {
            transport.stop(Duration.ZERO, 1012).join();
            lanes.forEach(EventLoopLane::close);
        }
    }

    Node first() {
        return nodes.getFirst();
    }

    @Override
    public void close() {
        nodes.forEach(Node::close);
        engine.shutdownNow();
    }
}
