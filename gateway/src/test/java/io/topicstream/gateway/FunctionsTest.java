package io.topicstream.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.backend.BackEndSettings;
import io.topicstream.gateway.backend.FunctionBackEnd;
import io.topicstream.gateway.backend.Integrations;
import io.topicstream.gateway.exchange.Opening;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.integration.BackEnds;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.gateway.lambda.Functions.Invocation;
import io.topicstream.gateway.model.Authorization;
import io.topicstream.gateway.model.Integration;
import io.topicstream.gateway.model.Route;
import io.topicstream.testkit.LogLines;
import io.topicstream.testkit.ManualClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A gateway whose back ends are functions behind AWS_PROXY, all parts but the functions real.
class FunctionsTest {
    private static final String JOIN = "{\"action\":\"join\"}";

    private final List<String> events = new ArrayList<>();
    private final List<String> sent = new ArrayList<>();
    private final Gateway gateway = gateway();
    private CompletionStage<Invocation> result = returned("{\"statusCode\":200}");

    private Gateway gateway() {
        Functions functions = new Functions() {
            @Override
            public CompletionStage<Invocation> invoke(String name, byte[] payload, Duration within) {
                events.add(name + " " + new String(payload, UTF_8));
                return result;
            }

            @Override
            public CompletionStage<Void> invokeLater(String name, byte[] payload) {
                throw new AssertionError("nobody asked for that");
            }
        };
        BackEnd backEnd = new FunctionBackEnd(functions, Integrations.MAPPINGS, BackEndSettings.DEFAULTS);
        return new Gateway(
                new TestApi().route("two", true).definition(),
                GatewaySettings.DEFAULTS,
                new Gateway.Ports(
                        new BackEnds(Map.of(Integration.Type.AWS_PROXY, backEnd, Integration.Type.AWS, backEnd)),
                        functions,
                        null,
                        new ManualClock(),
                        new RequestIds(1),
                        (id, message) -> sent.add(new String(message, UTF_8)),
                        GatewayLog.ofSystem()));
    }

    private static CompletionStage<Invocation> returned(String json) {
        return CompletableFuture.completedStage(new Invocation(null, json.getBytes(UTF_8)));
    }

    private static CompletionStage<Invocation> threw() {
        return CompletableFuture.completedStage(
                new Invocation("Unhandled", "{\"errorMessage\":\"boom\",\"errorType\":\"Error\"}".getBytes(UTF_8)));
    }

    private GatewayStage stage() {
        GatewayStage stage = gateway.stageAt("localhost", List.of("dev"));
        assertThat(stage).isNotNull();
        return stage;
    }

    private Opening open() {
        return stage().connect("conn", TestGateway.handshake(Map.of()))
                .toCompletableFuture()
                .join();
    }

    private int refusal() {
        return ((Opening.Refused) open()).status();
    }

    private Peer accepted() {
        Peer peer = ((Opening.Accepted) open()).peer();
        events.clear();
        return peer;
    }

    @Test
    @DisplayName("a template that cannot be read is told when the definition is taken, and its route alone fails")
    void badTemplate() {
        Integration bad = Integrations.of(Integration.Type.AWS, TestApi.FUNCTION)
                .template("$default", "#if(")
                .select("\\$default")
                .made();
        try (LogLines log = new LogLines()) {
            gateway.take(new TestApi()
                    .route(new Route("bad", bad, new Authorization.Open(), false, null, Map.of(), Map.of(), false))
                    .definition());

            assertThat(log.with("route bad of the API test will fail: RequestTemplates"))
                    .hasSize(1);
        }
        Peer peer = accepted();
        stage().message(peer, "{\"action\":\"bad\"}");
        assertThat(sent).singleElement().asString().contains("\"Internal server error\"");
        stage().message(peer, JOIN);
        assertThat(events).hasSize(1);
    }

    @Test
    @DisplayName("8: a refusing function says with which status and body")
    void refusal_() {
        result = returned("{\"statusCode\":401,\"body\":\"no\"}");

        Opening.Refused refused = (Opening.Refused) open();

        assertThat(refused.status()).isEqualTo(401);
        assertThat(new String(refused.body(), UTF_8)).isEqualTo("no");
    }

    @Test
    @DisplayName("10, 12: a function that throws is 502, one that takes too long 504")
    void failures() {
        result = threw();
        assertThat(refusal()).isEqualTo(502);

        result = CompletableFuture.failedStage(new IOException("not there"));
        assertThat(refusal()).isEqualTo(502);

        result = CompletableFuture.failedStage(new TimeoutException());
        assertThat(refusal()).isEqualTo(504);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"text\"", "null", "[]", "{\"statusCode\":\"x\"}", "{\"statusCode\":200,\"more\":1}", "{"})
    @DisplayName("11, 74: a function whose result makes no sense refuses the client with 502")
    void nonsense(String json) {
        result = returned(json);

        assertThat(refusal()).isEqualTo(502);
    }

    @Test
    @DisplayName("14: the function chooses the subprotocol")
    void subprotocol() {
        result = returned("{\"statusCode\":200,\"headers\":{\"sec-websocket-protocol\":\"chat\"}}");

        assertThat(((Opening.Accepted) open()).subprotocol()).isEqualTo("chat");
    }

    @Test
    @DisplayName("26, 27, 69: the events of a connection")
    void events() {
        open();
        assertThat(events.getFirst())
                .startsWith("f {")
                .contains("\"eventType\":\"CONNECT\"", "\"routeKey\":\"$connect\"")
                .doesNotContain("messageId", "\"body\"");
        Peer peer = accepted();

        stage().message(peer, JOIN);
        stage().disconnected(peer, 4000, "bye");

        assertThat(events.get(0))
                .contains("\"eventType\":\"MESSAGE\"", "\"routeKey\":\"join\"", "\"messageId\":\"")
                .contains("\"body\":\"{\\\"action\\\":\\\"join\\\"}\"", "\"isBase64Encoded\":false")
                .doesNotContain("\"headers\"", "queryStringParameters");
        assertThat(events.get(1))
                .contains(
                        "\"eventType\":\"DISCONNECT\"", "\"disconnectStatusCode\":4000", "\"disconnectReason\":\"bye\"")
                .doesNotContain("\"body\"");
    }

    @Test
    @DisplayName("70 to 73, 76: what functions answer to messages")
    void answers() {
        Peer peer = accepted();

        result = returned("{\"statusCode\":200,\"body\":\"x\"}");
        stage().message(peer, JOIN);
        result = returned("null");
        stage().message(peer, JOIN);
        assertThat(sent).isEmpty();

        result = returned("{\"statusCode\":500,\"body\":\"x\"}");
        stage().message(peer, "{\"action\":\"two\"}");
        assertThat(sent).containsExactly("x");

        result = threw();
        stage().message(peer, JOIN);
        result = returned("{\"statusCode\":200,\"more\":1}");
        stage().message(peer, JOIN);
        assertThat(sent).hasSize(3).last().asString().startsWith("{\"message\": \"Internal server error\", ");
    }
}
