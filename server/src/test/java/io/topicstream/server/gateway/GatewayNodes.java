package io.topicstream.server.gateway;

import io.topicstream.gateway.GatewaySettings;
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
import io.topicstream.state.InMemoryStateStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/// Two nodes with the same APIs, that share an engine, each on a port of its own: transport, door, callback API and
/// gateway are the real ones; the back end is the test's, and so is the time.
///
/// API `chat` has stages `dev` and `other`, and is `/v1` on the domain `ws.example.com`; API `hidden` has stage
/// `secret`, which only the domain `hidden.example.com` reaches. All routes are two-way.
final class GatewayNodes implements AutoCloseable {
    static final String CHAT = "a1b2c3d4e5";
    static final String HIDDEN = "z9y8x7w6v5";

    final ScriptedBackEnd backEnd = new ScriptedBackEnd();
    final AtomicLong elapsedMs = new AtomicLong();
    /// How often a socket has asked how late it is.
    private final AtomicInteger looks = new AtomicInteger();

    final List<GatewayNode> nodes = new ArrayList<>();
    private final ExecutorService engine = Executors.newSingleThreadExecutor();
    private final InstantSource clock = () -> Instant.ofEpochMilli(1_760_000_000_000L + elapsedMs.get());
    private final InMemoryLog log = new InMemoryLog(clock, engine, 7);
    private final InMemoryStateStore leases = new InMemoryStateStore(clock, engine);

    GatewayNodes() {
        this(GatewaySettings.DEFAULTS, null);
    }

    /// @param signatures says who may call back, or null: everybody
    GatewayNodes(GatewaySettings settings, @Nullable SignatureCheck signatures) {
        GatewayNode.Parts parts =
                new GatewayNode.Parts(definition(), settings, signatures, backEnd, clock, this::look, log, leases);
        nodes.add(new GatewayNode(parts));
        nodes.add(new GatewayNode(parts));
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

    private long look() {
        looks.incrementAndGet();
        return elapsedMs.get();
    }

    /// Lets time pass, and waits until an open socket has seen it. To be called while nothing else happens.
    void passAndBeSeen(Duration time) {
        pass(time);
        int before = looks.get();
        // The first one may have begun before.
        Awaitility.await().until(() -> looks.get() >= before + 2);
    }

    GatewayNode first() {
        return nodes.getFirst();
    }

    @Override
    public void close() {
        nodes.forEach(GatewayNode::close);
        engine.shutdownNow();
    }
}
