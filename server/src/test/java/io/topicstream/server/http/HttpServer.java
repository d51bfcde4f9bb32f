package io.topicstream.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.channel.EventLoop;
import io.topicstream.access.Anonymous;
import io.topicstream.access.ApiKeys;
import io.topicstream.access.Authenticator;
import io.topicstream.access.Authenticators;
import io.topicstream.access.EndedRights;
import io.topicstream.access.FailedCredentials;
import io.topicstream.access.Grant;
import io.topicstream.access.StaticToken;
import io.topicstream.access.StaticTokens;
import io.topicstream.command.CommandLimits;
import io.topicstream.command.Commands;
import io.topicstream.command.Quota;
import io.topicstream.connection.Connections;
import io.topicstream.door.Doorman;
import io.topicstream.door.Hosts;
import io.topicstream.door.RefusedNames;
import io.topicstream.event.EventLog;
import io.topicstream.events.admin.SinkRoutes;
import io.topicstream.gateway.GatewayMetrics;
import io.topicstream.http.ChatRoutes;
import io.topicstream.http.ConnectionRoutes;
import io.topicstream.http.HealthRoutes;
import io.topicstream.http.OpenApiRoute;
import io.topicstream.http.PresenceRoutes;
import io.topicstream.http.Readiness;
import io.topicstream.http.RoomRoutes;
import io.topicstream.http.RouteGates;
import io.topicstream.http.Routes;
import io.topicstream.http.TopicRoutes;
import io.topicstream.http.UserRoutes;
import io.topicstream.http.admin.AdminKeys;
import io.topicstream.http.admin.AdminUsers;
import io.topicstream.log.InMemoryLog;
import io.topicstream.log.Lane;
import io.topicstream.log.LogLimit;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicLog;
import io.topicstream.log.Trimmed;
import io.topicstream.people.Erasures;
import io.topicstream.people.Exports;
import io.topicstream.people.Memberships;
import io.topicstream.people.People;
import io.topicstream.people.UserPlaces;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.server.admin.AdminBackup;
import io.topicstream.server.admin.AdminCompaction;
import io.topicstream.server.admin.AdminErasures;
import io.topicstream.server.admin.AdminExports;
import io.topicstream.server.admin.AdminRooms;
import io.topicstream.server.admin.BackupMaker;
import io.topicstream.server.pages.ChatPage;
import io.topicstream.server.sink.EventFigures;
import io.topicstream.server.sink.EventWish;
import io.topicstream.server.sink.SinkSeries;
import io.topicstream.server.sink.Sinks;
import io.topicstream.state.InMemoryStateStore;
import io.topicstream.state.StateFigures;
import io.topicstream.testkit.RecordedPresence;
import io.topicstream.testkit.TestPeople;
import io.topicstream.transport.Endpoint;
import io.topicstream.transport.LoopbackHosts;
import io.topicstream.transport.Transport;
import io.topicstream.transport.TransportLimits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

/// The HTTP API over a log in memory, behind the product's own transport on a free port, and a client for it.
final class HttpServer implements AutoCloseable {
    static final String ADMIN_TOKEN = "the-administrators-own-token";

    final InMemoryLog log;
    final ApiKeys keys;
    final ErrorCounts errors = new ErrorCounts();
    final Traffic traffic = new Traffic(errors, new LogLimit(InstantSource.system()), false);
    final AtomicBoolean ready = new AtomicBoolean(true);
    final AtomicBoolean writable = new AtomicBoolean(true);
    volatile Quota quota = Quota.UNLIMITED;
    /// A page in small: a file to begin with, one that is compressed, and one that is not.
    static final Map<String, byte[]> PAGE = Map.of(
            "index.html", "<!doctype html><title>Chat</title>".getBytes(UTF_8),
            "assets/app-1a2b.js", "say('hello');\n".repeat(500).getBytes(UTF_8),
            "assets/tiny-3c4d.css", "b{}".getBytes(UTF_8),
            "config.json", "{\"server\":\"as it was built\"}".getBytes(UTF_8));

    /// What makes backups; nothing does at first.
    volatile BackupMaker maker = (directory, progress) -> {
        throw new IOException("nothing is kept here");
    };

    final AdminBackup backup =
            new AdminBackup((directory, progress) -> maker.backUp(directory, progress), () -> Instant.ofEpochMilli(7));
    final Routes routes;
    final int port;
    private final Sinks sinks;
    private final ExecutorService engine = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("memory engine").factory());
    private final InMemoryStateStore state;
    private final Transport transport;
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();

    /// Open to anonymous callers.
    static HttpServer open() {
        return new HttpServer(true, Grant.DEFAULT, List.of(), log -> log);
    }

    /// Open to anonymous callers, with these files of the chat page.
    static HttpServer of(Map<String, byte[]> page) {
        return new HttpServer(true, Grant.DEFAULT, List.of(), log -> log, page);
    }

    HttpServer(
            boolean anonymous, List<Grant> anonymousGrants, List<StaticToken> tokens, UnaryOperator<TopicLog> wrapped) {
        this(anonymous, anonymousGrants, tokens, wrapped, PAGE);
    }

    private HttpServer(
            boolean anonymous,
            List<Grant> anonymousGrants,
            List<StaticToken> tokens,
            UnaryOperator<TopicLog> wrapped,
            Map<String, byte[]> page) {
        InstantSource clock = InstantSource.system();
        log = new InMemoryLog(clock, engine, 7);
        state = new InMemoryStateStore(clock, engine);
        keys = new ApiKeys(state, new SecureRandom(), clock);
        List<Authenticator> chain = new ArrayList<>(List.of(keys, new StaticTokens(tokens, clock)));
        if (anonymous) {
            chain.add(new Anonymous(anonymousGrants));
        }
        Authenticators authenticators = new Authenticators(chain, new FailedCredentials(clock, 1000));
        TopicLog used = wrapped.apply(log);
        transport = Transport.start(2, TransportLimits.defaults());
        People people =
                TestPeople.of(state, used, log, new Memberships(state, used, log, clock, 1, 1), new RecordedPresence());
        Commands commands =
                new Commands(used, log, people, authenticators, TopicPolicies.DEFAULT, CommandLimits.DEFAULT);
        Figures figures = new Standing();
        Doorman doorman = new Doorman(
                new Hosts(InetAddress.getLoopbackAddress(), List.of()),
                (origins, host, hasCredential) ->
                        hasCredential || origins.isEmpty() || origins.equals(List.of("http://listed.example")),
                new RefusedNames(clock),
                authenticators);
        sinks = new Sinks(
                List.of(),
                Set.of(),
                _ -> false,
                EventWish.OFF,
                new EventLog(used, false, clock),
                used,
                log,
                state,
                state,
                clock,
                new SecureRandom(),
                Runnable::run,
                (_, _) -> {});
        EndedRights rights = new EndedRights(state, log, keys, clock);
        UserPlaces places = new UserPlaces(state, people, keys);
        Timers timers = (task, _) -> engine.execute(task);
        routes = new Routes(
                List.of(
                        new TopicRoutes(used.durability(), commands).routes(),
                        new PresenceRoutes(commands).routes(),
                        new RoomRoutes(commands).routes(),
                        new ChatRoutes(commands).routes(),
                        new SinkRoutes(sinks.parts()).routes(),
                        new UserRoutes(used.durability(), commands).routes(),
                        new HomePage(figures.version(), "/v1", null).routes(),
                        new ChatPage(page, null).routes(),
                        new HealthRoutes(figures.readiness()).routes(),
                        new OpenApiRoute().routes(),
                        new MetricsPage(figures, errors, traffic).routes(),
                        new AdminKeys(keys, clock, () -> false).routes(),
                        new AdminUsers(rights, clock).routes(),
                        backup.routes(),
                        new AdminErasures(new Erasures(state, used, people.redactions(), places, clock, timers))
                                .routes(),
                        new AdminExports(new Exports(state, used, places, rights, clock, timers)).routes(),
                        new AdminRooms(people.rooms(), people.deletions()).routes(),
                        new AdminCompaction(() -> {}).routes(),
                        new ConnectionRoutes(new NoConnections()).routes()),
                new RouteGates(doorman, ADMIN_TOKEN::equals, traffic::onWrongAdminToken),
                segments -> false);
        HttpDoor door = new HttpDoor(
                routes,
                doorman,
                HttpServer::laneOf,
                used,
                (caller, bytes) -> quota.take(caller, bytes),
                clock,
                errors::count);
        try {
            port = transport
                    .bind(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                            new Endpoint(
                                    door,
                                    (request, decision) -> decision.refuse(404, "not_found", "no", java.util.Map.of()),
                                    LoopbackHosts::isLoopback,
                                    door::refusalFields,
                                    traffic))
                    .getPort();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// No WebSocket is served here.
    private static final class NoConnections implements Connections {
        private static final CompletionStage<Answer> UNKNOWN =
                CompletableFuture.completedFuture(new Answer(Outcome.UNKNOWN, null));

        @Override
        public CompletionStage<Answer> post(String id, byte[] text) {
            return UNKNOWN;
        }

        @Override
        public CompletionStage<Answer> describe(String id) {
            return UNKNOWN;
        }

        @Override
        public CompletionStage<Boolean> mayBeOpen(String id) {
            return CompletableFuture.completedFuture(false);
        }

        @Override
        public CompletionStage<Answer> close(String id, int code, String reason) {
            return UNKNOWN;
        }
    }

    private static Lane laneOf(EventLoop loop) {
        return handOver -> loop.execute(handOver::run);
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    HttpResponse<String> get(String path, String... headers) {
        return send("GET", path, null, headers);
    }

    /// Produces JSON as clients of the stream API do.
    HttpResponse<String> produce(String topic, String body, String... headers) {
        List<String> all = new ArrayList<>(List.of("Content-Type", "application/json"));
        all.addAll(List.of(headers));
        return send("POST", "/topics/" + topic + "/produce", body.getBytes(UTF_8), all.toArray(String[]::new));
    }

    HttpResponse<String> send(String method, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return client.send(request.build(), HttpResponse.BodyHandlers.ofString(UTF_8));
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() {
        client.close();
        sinks.stop().toCompletableFuture().join();
        transport.stop(Duration.ZERO, 1001).join();
        log.close();
        state.close();
        engine.shutdown();
    }

    /// Figures that can be told apart.
    private final class Standing implements Figures {
        @Override
        public List<GatewayMetrics.Series> gateway() {
            return List.of();
        }

        @Override
        public EventFigures events() {
            return new EventFigures(List.of(new SinkSeries("hook", 41, 42, 43, 44, 45, 46)), 47, 48);
        }

        @Override
        public long acceptedMessages() {
            return 11;
        }

        @Override
        public long committedMessages() {
            return 12;
        }

        @Override
        public Trimmed trimmedMessages() {
            return new Trimmed(31, 32, 33);
        }

        @Override
        public long deliveredMessages() {
            return 13;
        }

        @Override
        public long queueBytes() {
            return 14;
        }

        @Override
        public StateFigures ephemeral() {
            return new StateFigures(22, 23, 24, 25);
        }

        @Override
        public long liveSubscriptions() {
            return 15;
        }

        @Override
        public long catchingUpSubscriptions() {
            return 16;
        }

        @Override
        public boolean storeTakesWrites() {
            return writable.get();
        }

        @Override
        public AccessFigures access() {
            return new AccessFigures(21, Map.of(), new Quota.Refusals(0, 0, 0), Map.of());
        }

        @Override
        public long connections() {
            return transport.connections();
        }

        @Override
        public long connectionLimit() {
            return 17;
        }

        @Override
        public long freeBytes() {
            return 18;
        }

        @Override
        public String version() {
            return "1.2.3";
        }

        @Override
        public Readiness readiness() {
            return new Readiness(List.of(
                    new Readiness.Condition("running", "the server is stopping", ready::get),
                    new Readiness.Condition("store_takes_writes", "the store takes no writes", writable::get)));
        }

        @Override
        public long incompleteBytes() {
            return 19;
        }

        @Override
        public long answerBytes() {
            return 20;
        }

        @Override
        public long slowestLoopMs() {
            return 17;
        }
    }
}
