package io.topicstream.server.forgetful;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.GatewaySettings;
import io.topicstream.gateway.backend.BackEndSettings;
import io.topicstream.gateway.backend.FunctionBackEnd;
import io.topicstream.gateway.definition.DefinitionException;
import io.topicstream.gateway.definition.Definitions;
import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.gateway.mapping.MappingLimits;
import io.topicstream.gateway.mapping.Mappings;
import io.topicstream.gateway.mapping.Templates;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Integration;
import io.topicstream.log.InMemoryLog;
import io.topicstream.server.gateway.GatewayNode;
import io.topicstream.state.InMemoryStateStore;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/// What stands in front of the functions: our own gateway, on its own transport, with an API whose routes are all one
/// function. What happens between two frames is its business alone; it knows neither users nor topics nor dialects.
/// Thread-safe.
///
/// The function gets events and gives results in JSON, and calls back over HTTP, as it would on AWS. What may go wrong
/// there goes wrong here as the [Weather] says. Nobody is told when a connection has opened; until it has, a post to it
/// is answered as to one that is gone.
final class Gateway implements AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(Gateway.class.getName());
    /// What stands before `/@connections`: ids belong to the API, so any of its stages will do.
    private static final String STAGE = "/v1";

    private static final long LONGEST_DELAY_MS = 15;
    private static final Duration CALL_PATIENCE = Duration.ofSeconds(10);
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    /// The function behind all routes. Called on a thread that may block.
    interface Function {
        ProxiedResult on(ProxiedEvent event);
    }

    /// How a call about one connection is answered.
    enum Answer {
        /// 200: the gateway has it.
        DONE,
        /// 410: the connection is not open, not yet or not any more.
        GONE,
        /// 429: too much just now, or the client does not read; to be tried again.
        BUSY,
        /// 413: so much cannot be posted, now or ever.
        TOO_LARGE
    }

    private final Function function;
    private final Executor executor;
    private final Weather weather;
    private final Random random;
    private final Set<String> lost = ConcurrentHashMap.newKeySet();
    /// Of the gateway alone: what its nodes tell each other.
    private final ExecutorService engine = Executors.newSingleThreadExecutor();

    private final GatewayNode node;
    private volatile boolean closed;

    /// @param executor of threads that may block, on which the function runs
    Gateway(Function function, Executor executor, Weather weather) {
        this.function = function;
        this.executor = executor;
        this.weather = weather;
        this.random = new Random(weather.seed());
        InstantSource clock = InstantSource.system();
        this.node = new GatewayNode(new GatewayNode.Parts(
                definition(),
                GatewaySettings.DEFAULTS.with(GatewaySettings.Messages.DEFAULTS.inOrder(!weather.framesAtOnce())),
                null,
                new Rough(backEnd(new InProcess())),
                clock,
                () -> System.nanoTime() / 1_000_000,
                new InMemoryLog(clock, engine, 1),
                new InMemoryStateStore(clock, engine)));
    }

    private static Definition definition() {
        URL file = Objects.requireNonNull(Gateway.class.getResource("definition.yaml"));
        try {
            return Definitions.read(Path.of(file.toURI()), Map.of());
        } catch (URISyntaxException | DefinitionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static BackEnd backEnd(Functions functions) {
        return new FunctionBackEnd(
                functions, new Mappings(new Templates(MappingLimits.DEFAULT)), BackEndSettings.DEFAULTS);
    }

    /// Where it is.
    URI uri() {
        return URI.create("http://127.0.0.1:" + node.port());
    }

    /// Sends a text message. Not to be called on an event loop.
    Answer post(String connectionId, byte[] text) {
        if (text.length > weather.mostPostBytes()) {
            return Answer.TOO_LARGE;
        }
        if (random.nextInt(100) < weather.busyIn100()) {
            return Answer.BUSY;
        }
        return call("POST", connectionId, text);
    }

    /// Whether the connection is open.
    Answer describe(String connectionId) {
        return call("GET", connectionId, new byte[0]);
    }

    /// Calls back, as a function does: over HTTP.
    private Answer call(String method, String connectionId, byte[] body) {
        String path = STAGE + "/@connections/" + URLEncoder.encode(connectionId, UTF_8);
        HttpRequest request = HttpRequest.newBuilder(uri().resolve(path))
                .timeout(CALL_PATIENCE)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body))
                .build();
        try {
            int status =
                    HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
            return switch (status) {
                case 200 -> Answer.DONE;
                case 410 -> Answer.GONE;
                case 413 -> Answer.TOO_LARGE;
                case 429, 500 -> Answer.BUSY;
                default -> throw new IllegalStateException("a callback was answered with " + status);
            };
        } catch (IOException e) {
            return closed ? Answer.GONE : Answer.BUSY;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /// Closes a connection, with a code, which API Gateway does not let choose: so it does not go over HTTP.
    void close(String connectionId, int code, String reason) {
        node.connections()
                .close(connectionId, code, reason)
                .toCompletableFuture()
                .join();
    }

    /// Ends a connection and tells nobody.
    void lose(String connectionId) {
        lost.add(connectionId);
        close(connectionId, 1001, "going away");
    }

    @Override
    public void close() {
        closed = true;
        node.close();
        engine.close();
    }

    /// What API Gateway may do wrong, in front of the back end.
    private final class Rough implements BackEnd {
        private final BackEnd backEnd;

        Rough(BackEnd backEnd) {
            this.backEnd = backEnd;
        }

        @Override
        public CompletionStage<io.topicstream.gateway.integration.Answer> call(
                GatewayEvent event, Integration integration) {
            return switch (event.cause()) {
                case GatewayEvent.Connect _ -> backEnd.call(event, integration);
                case GatewayEvent.Message _ -> delayed(() -> backEnd.call(event, integration));
                case GatewayEvent.Disconnect _ ->
                    lost.remove(event.peer().connectionId()) || random.nextInt(100) < weather.lostEndsIn100()
                            ? CompletableFuture.completedStage(
                                    new io.topicstream.gateway.integration.Answer.Given(200, Map.of(), null, null))
                            : backEnd.call(event, integration);
            };
        }

        /// Half of the frames that run at once are late.
        private <T> CompletionStage<T> delayed(Supplier<CompletionStage<T>> call) {
            long delayMs =
                    weather.framesAtOnce() ? Math.max(0, random.nextLong(2 * LONGEST_DELAY_MS) - LONGEST_DELAY_MS) : 0;
            return delayMs == 0
                    ? call.get()
                    : CompletableFuture.supplyAsync(
                                    call, CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS))
                            .thenCompose(answer -> answer);
        }
    }

    /// The function, run in this process.
    private final class InProcess implements Functions {
        @Override
        public CompletionStage<Invocation> invoke(String name, byte[] payload, Duration within) {
            return CompletableFuture.supplyAsync(() -> run(payload), executor)
                    .orTimeout(within.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public CompletionStage<Void> invokeLater(String name, byte[] payload) {
            throw new AssertionError("no route has its function run later");
        }

        private Invocation run(byte[] payload) {
            try {
                return new Invocation(
                        null, function.on(ProxiedEvent.read(payload)).encode());
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.ERROR, "a function failed", e);
                return new Invocation("Unhandled", "{\"errorMessage\":\"it failed\"}".getBytes(UTF_8));
            }
        }
    }
}
