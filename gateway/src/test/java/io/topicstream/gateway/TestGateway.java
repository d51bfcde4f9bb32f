package io.topicstream.gateway;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.signature.SignatureCheck;
import io.topicstream.testkit.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A gateway with neighbours that a test holds in its hand: back ends and authorizers answer as it says,
/// time stands still, ids are counted. Used by one thread.
final class TestGateway {
    static final Answer OK = new Answer.Given(200, Map.of(), null, null);

    /// Functions where no test needs one.
    static final Functions NO_FUNCTIONS = new Functions() {
        @Override
        public CompletionStage<Invocation> invoke(String name, byte[] payload, Duration within) {
            return CompletableFuture.failedStage(new IOException("no function"));
        }

        @Override
        public CompletionStage<Void> invokeLater(String name, byte[] payload) {
            return CompletableFuture.failedStage(new IOException("no function"));
        }
    };

    final ManualClock clock = new ManualClock();
    /// What back ends were called with.
    final List<GatewayEvent> calls = new ArrayList<>();
    /// What was sent to clients: the id of the connection, a space, the text.
    final List<String> sent = new ArrayList<>();
    final List<String> accessLog = new ArrayList<>();
    final List<String> executionLog = new ArrayList<>();
    /// Payloads that authorizers were called with, behind the name of the function and a space.
    final List<String> invocations = new ArrayList<>();
    /// What the back end of a route answers; where it is not said, an empty 200.
    final Map<String, Function<GatewayEvent, CompletionStage<Answer>>> answers = new HashMap<>();

    final Gateway gateway;
    CompletionStage<Functions.Invocation> authorizer = CompletableFuture.failedStage(new IOException("no function"));
    private int ids;
    private int connections;

    TestGateway(Definition definition) {
        this(definition, GatewaySettings.DEFAULTS, null);
    }

    TestGateway(Definition definition, GatewaySettings settings) {
        this(definition, settings, null);
    }

    TestGateway(Definition definition, GatewaySettings settings, @Nullable SignatureCheck signatures) {
        gateway = new Gateway(
                definition,
                settings,
                new Gateway.Ports(
                        new RecordingBackEnd(),
                        new RecordingFunctions(),
                        signatures,
                        clock,
                        () -> "id-" + ++ids,
                        (connectionId, message) ->
                                sent.add(connectionId + " " + new String(message, StandardCharsets.UTF_8)),
                        new RecordingLog()));
    }

    static Answer given(int status, String body) {
        return new Answer.Given(status, Map.of(), body.getBytes(StandardCharsets.UTF_8), "text/plain");
    }

    static Answer failed(Answer.Failure why) {
        return new Answer.Failed(why, "It failed.");
    }

    /// The back end of a route answers this at once.
    TestGateway answers(String routeKey, Answer answer) {
        answers.put(routeKey, _ -> CompletableFuture.completedStage(answer));
        return this;
    }

    /// The back end of a route answers when the test says so.
    CompletableFuture<Answer> holds(String routeKey) {
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        answers.put(routeKey, _ -> answer);
        return answer;
    }

    void authorizerReturns(String json) {
        authorizer =
                CompletableFuture.completedStage(new Functions.Invocation(null, json.getBytes(StandardCharsets.UTF_8)));
    }

    void authorizerFails(String json) {
        authorizer = CompletableFuture.completedStage(
                new Functions.Invocation("Unhandled", json.getBytes(StandardCharsets.UTF_8)));
    }

    GatewayStage stage() {
        GatewayStage stage = gateway.stageAt(TestApi.HOST, List.of("dev"));
        if (stage == null) {
            throw new AssertionError("there is no stage dev");
        }
        return stage;
    }

    static Handshake handshake(Map<String, List<String>> query, String... headers) {
        List<Map.Entry<String, String>> fields = new ArrayList<>();
        fields.add(Map.entry("Host", TestApi.HOST));
        fields.add(Map.entry("Connection", "Upgrade"));
        fields.add(Map.entry("Upgrade", "websocket"));
        for (int i = 0; i < headers.length; i += 2) {
            fields.add(Map.entry(headers[i], headers[i + 1]));
        }
        return new Handshake("/dev", "", fields, query, TestApi.HOST, "192.0.2.1");
    }

    CompletableFuture<Opening> opening(Handshake handshake) {
        return stage().connect("conn-" + ++connections, handshake).toCompletableFuture();
    }

    /// How a handshake ended, which must have ended.
    Opening open(Handshake handshake) {
        CompletableFuture<Opening> opening = opening(handshake);
        if (!opening.isDone()) {
            throw new AssertionError("the handshake has not ended");
        }
        return opening.join();
    }

    Opening open() {
        return open(handshake(Map.of()));
    }

    Opening.Refused refused(Handshake handshake) {
        return switch (open(handshake)) {
            case Opening.Refused refused -> refused;
            case Opening.Accepted _ -> throw new AssertionError("the handshake was accepted");
        };
    }

    Opening.Refused refused() {
        return refused(handshake(Map.of()));
    }

    Peer accepted(Handshake handshake) {
        return switch (open(handshake)) {
            case Opening.Accepted accepted -> accepted.peer();
            case Opening.Refused refused ->
                throw new AssertionError("the handshake was refused: " + refused.status() + " " + body(refused));
        };
    }

    Peer accepted() {
        return accepted(handshake(Map.of()));
    }

    static String body(Opening.Refused refused) {
        return new String(refused.body(), StandardCharsets.UTF_8);
    }

    /// The keys of the routes whose back ends were called, in order.
    List<String> routesCalled() {
        return calls.stream().map(GatewayEvent::routeKey).toList();
    }

    private final class RecordingBackEnd implements BackEnd {
        @Override
        public CompletionStage<Answer> call(GatewayEvent event, Integration integration) {
            calls.add(event);
            var answer = answers.get(event.routeKey());
            return answer == null ? CompletableFuture.completedStage(OK) : answer.apply(event);
        }
    }

    private final class RecordingFunctions implements Functions {
        @Override
        public CompletionStage<Invocation> invoke(String name, byte[] payload, Duration within) {
            invocations.add(name + " " + new String(payload, StandardCharsets.UTF_8));
            return authorizer;
        }

        @Override
        public CompletionStage<Void> invokeLater(String name, byte[] payload) {
            throw new AssertionError("nobody asked for that");
        }
    }

    private final class RecordingLog implements GatewayLog {
        @Override
        public void access(String apiId, String stage, String line) {
            accessLog.add(apiId + "/" + stage + " " + line);
        }

        @Override
        public void execution(String apiId, String stage, boolean error, String line) {
            executionLog.add((error ? "ERROR " : "INFO ") + line);
        }
    }
}
