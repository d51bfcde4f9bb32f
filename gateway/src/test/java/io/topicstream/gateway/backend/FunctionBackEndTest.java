package io.topicstream.gateway.backend;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.http.TooManyCallsException;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.Answer.Failure;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.integration.BackEnds;
import io.topicstream.gateway.integration.Events;
import io.topicstream.gateway.integration.ProxyEvent;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.gateway.model.Integration;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FunctionBackEndTest {
    private static final String URI = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
            + "arn:aws:lambda:us-east-1:000000000000:function:chat:${stageVariables.alias}/invocations";

    private static final Map<String, String> LIVE = Map.of("alias", "live");
    private static final GatewayEvent MESSAGE =
            Events.message("join", "{\"action\":\"join\"}", LIVE, Events.peer(null, Map.of(), Map.of()));

    private static final GatewayEvent CONNECT =
            Events.connect(Events.HEADERS, Map.of(), LIVE, Events.peer(null, Map.of(), Map.of()));

    private final OneFunction function = new OneFunction();
    private final FunctionBackEnd backEnd = backEnd(BackEndSettings.DEFAULTS);

    /// What functions there are here: one, which returns what it is told to.
    private static final class OneFunction implements Functions {
        private String name = "";
        private String payload = "";
        private Duration within = Duration.ZERO;
        private boolean waits = true;
        private CompletionStage<Invocation> returns = returned(null, "{\"statusCode\":200}");

        static CompletionStage<Invocation> returned(String error, String payload) {
            return CompletableFuture.completedStage(new Invocation(error, payload.getBytes(UTF_8)));
        }

        @Override
        public CompletionStage<Invocation> invoke(String called, byte[] with, Duration limit) {
            name = called;
            payload = new String(with, UTF_8);
            within = limit;
            return returns;
        }

        @Override
        public CompletionStage<Void> invokeLater(String called, byte[] with) {
            name = called;
            payload = new String(with, UTF_8);
            waits = false;
            return returns.thenApply(_ -> null);
        }
    }

    private FunctionBackEnd backEnd(BackEndSettings settings) {
        return new FunctionBackEnd(function, Integrations.MAPPINGS, settings);
    }

    private Answer returns(GatewayEvent event, String payload) {
        function.returns = OneFunction.returned(null, payload);
        return Integrations.call(
                backEnd, event, Integrations.of(Integration.Type.AWS_PROXY, URI).made());
    }

    @Test
    void aProxyInvokesItsFunctionWithTheEvent() {
        Answer answer = Integrations.call(
                backEnd,
                MESSAGE,
                Integrations.of(Integration.Type.AWS_PROXY, URI).timeoutMs(1234).made());

        assertThat(function.name).isEqualTo("arn:aws:lambda:us-east-1:000000000000:function:chat:live");
        assertThat(function.payload).isEqualTo(new String(ProxyEvent.of(MESSAGE), UTF_8));
        assertThat(function.within).isEqualTo(Duration.ofMillis(1234));
        assertThat(((Answer.Given) answer).status()).isEqualTo(200);
    }

    @Test
    void withoutItsStageVariableThereIsNoFunction() {
        assertThat(Integrations.failure(Integrations.call(
                        backEnd,
                        Events.message("join", "{}"),
                        Integrations.of(Integration.Type.AWS_PROXY, URI).made())))
                .isEqualTo(Failure.INTERNAL);
        assertThat(function.name).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"statusCode\":200,\"body\":\"x\"}|200|x",
                "{\"statusCode\":500,\"body\":\"x\"}|500|x",
                "{\"statusCode\":200,\"body\":\"\"}|200|''",
                "{\"statusCode\":200,\"body\":null}|200|",
                "{\"statusCode\":200}|200|",
                "{\"statusCode\":\"201\",\"body\":\"x\"}|201|x",
                "{\"statusCode\":200.0,\"body\":\"x\"}|200|x",
                "{\"body\":\"x\"}|200|x",
                "{}|200|",
                "{\"statusCode\":200,\"body\":\"aMO8\",\"isBase64Encoded\":true}|200|hü",
                "{\"statusCode\":200,\"body\":\"aMO8\",\"isBase64Encoded\":false}|200|aMO8",
                "{\"statusCode\":200,\"headers\":null,\"multiValueHeaders\":null,\"isBase64Encoded\":null}|200|"
            })
    @DisplayName("71, 72: the body of a result is the answer, whatever its status")
    void results(String payload, int status, String body) {
        Answer.Given answer = (Answer.Given) returns(MESSAGE, payload);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(Integrations.body(answer)).isEqualTo(body);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"statusCode\":200,\"extra\":1}",
                "{\"statusCode\":200,\"StatusCode\":200}",
                "{\"statusCode\":\"ok\"}",
                "{\"statusCode\":200.5}",
                "{\"statusCode\":true}",
                "{\"statusCode\":200,\"body\":{}}",
                "{\"statusCode\":200,\"body\":1}",
                "{\"statusCode\":200,\"body\":\"a\",\"isBase64Encoded\":\"yes\"}",
                "{\"statusCode\":200,\"headers\":[]}",
                "{\"statusCode\":200,\"multiValueHeaders\":\"x\"}",
                "\"a bare string\"",
                "[]",
                "1",
                "{\"statusCode\":200",
                "Task timed out after 3.00 seconds"
            })
    @DisplayName("11, 74: a result with another form is an internal error, on $connect and on messages")
    void malformed(String payload) {
        for (GatewayEvent event : List.of(MESSAGE, CONNECT)) {
            Answer.Failed failed = (Answer.Failed) returns(event, payload);
            assertThat(failed.why()).isEqualTo(Failure.INTERNAL);
            assertThat(failed.detail()).startsWith("Malformed Lambda proxy response: ");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", ""})
    @DisplayName("76: a function of a message may return nothing; one of $connect may not")
    void nothing(String payload) {
        assertThat(returns(MESSAGE, payload)).isEqualTo(new Answer.Given(200, Map.of(), null, null));
        assertThat(Integrations.failure(returns(CONNECT, payload))).isEqualTo(Failure.INTERNAL);
        assertThat(Integrations.call(
                        backEnd(new BackEndSettings(true, false, true, true)),
                        CONNECT,
                        Integrations.of(Integration.Type.AWS_PROXY, URI).made()))
                .isInstanceOf(Answer.Given.class);
    }

    @Test
    void theChoicesAreSettings() {
        BackEnd strict = backEnd(new BackEndSettings(true, true, false, false));
        Integration integration =
                Integrations.of(Integration.Type.AWS_PROXY, URI).made();

        function.returns =
                OneFunction.returned(null, "{\"statusCode\":200,\"body\":\"aMO8\",\"isBase64Encoded\":true}");
        assertThat(Integrations.body(Integrations.call(strict, MESSAGE, integration)))
                .isEqualTo("aMO8");
        function.returns = OneFunction.returned(null, "{\"body\":\"x\"}");
        assertThat(Integrations.failure(Integrations.call(strict, MESSAGE, integration)))
                .isEqualTo(Failure.INTERNAL);
    }

    @Test
    @DisplayName("8, 9: a status of $connect goes on with its body; what is no status does not")
    void statusOfConnect() {
        Answer.Given refused = (Answer.Given) returns(CONNECT, "{\"statusCode\":401,\"body\":\"no\"}");

        assertThat(refused.status()).isEqualTo(401);
        assertThat(Integrations.body(refused)).isEqualTo("no");
        for (int none : new int[] {0, 101, 199, 600, 99_999}) {
            assertThat(Integrations.failure(returns(CONNECT, "{\"statusCode\":" + none + "}")))
                    .isEqualTo(Failure.INTERNAL);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"headers\":{\"Sec-WebSocket-Protocol\":\"p\"}",
                "\"headers\":{\"sec-websocket-protocol\":\"p\"}",
                "\"headers\":{\"SEC-WEBSOCKET-PROTOCOL\":\"q\"},"
                        + "\"multiValueHeaders\":{\"Sec-WebSocket-Protocol\":[\"p\"]}"
            })
    @DisplayName("14: the subprotocol stands in a header field of any case")
    void subprotocol(String headers) {
        Answer.Given answer = (Answer.Given) returns(CONNECT, "{\"statusCode\":200," + headers + "}");

        assertThat(AnswerHeaders.first(answer.headers(), "sec-websocket-protocol"))
                .isEqualTo("p");
        assertThat(answer.headers()).hasSize(1);
    }

    @Test
    @DisplayName("H99: header fields with line breaks, and those of connections, are left out")
    void hostileHeaders() {
        Answer.Given answer = (Answer.Given) returns(
                CONNECT,
                "{\"statusCode\":401,\"headers\":{\"A\":\"x\\r\\nB: y\",\"C D\":\"z\",\"Connection\":\"close\","
                        + "\"Content-Length\":9,\"Content-Type\":\"text/html\",\"N\":1,\"O\":{},\"P\":null}}");

        assertThat(answer.headers()).containsOnlyKeys("Content-Type", "N");
        assertThat(answer.contentType()).isEqualTo("text/html");
    }

    @Test
    @DisplayName("10, 73: a function that throws is an internal error")
    void throwsUp() {
        function.returns = OneFunction.returned("Unhandled", "{\"errorMessage\":\"boom\",\"errorType\":\"Error\"}");

        for (GatewayEvent event : List.of(MESSAGE, CONNECT)) {
            Answer.Failed failed = (Answer.Failed) Integrations.call(
                    backEnd,
                    event,
                    Integrations.of(Integration.Type.AWS_PROXY, URI).made());
            assertThat(failed.why()).isEqualTo(Failure.INTERNAL);
            assertThat(failed.detail()).endsWith("function:chat:live failed (Unhandled): boom");
        }
    }

    @Test
    @DisplayName("12, 77: a function that takes too long is a time-out, also where its port never answers")
    void tooLong() {
        Integration integration =
                Integrations.of(Integration.Type.AWS_PROXY, URI).timeoutMs(50).made();

        function.returns = CompletableFuture.failedStage(new TimeoutException());
        assertThat(Integrations.failure(Integrations.call(backEnd, MESSAGE, integration)))
                .isEqualTo(Failure.TIMEOUT);
        function.returns = new CompletableFuture<>();
        assertThat(Integrations.failure(Integrations.call(backEnd, MESSAGE, integration)))
                .isEqualTo(Failure.TIMEOUT);
        assertThat(function.returns.toCompletableFuture()).isNotDone();
    }

    @Test
    void aFunctionThatIsNotToBeHadIsAnInternalError() {
        function.returns = CompletableFuture.failedStage(new IOException("no such function"));

        Answer.Failed failed = (Answer.Failed) Integrations.call(
                backEnd,
                MESSAGE,
                Integrations.of(Integration.Type.AWS_PROXY, URI).made());

        assertThat(failed.why()).isEqualTo(Failure.INTERNAL);
        assertThat(failed.detail()).endsWith("was not to be had: no such function");
    }

    @Test
    @DisplayName("93: a function behind AWS gets what a template makes, and lets in by a template")
    void custom() {
        Integration integration = Integrations.of(Integration.Type.AWS, URI)
                .template("$default", "{\"id\":\"$context.connectionId\"}")
                .select("\\$default")
                .response("$default", Map.of("$default", "{\"statusCode\":200}"))
                .made();

        Answer.Given answer = (Answer.Given) Integrations.call(backEnd, CONNECT, integration);

        assertThat(function.payload).isEqualTo("{\"id\":\"gbgHN0-zjQAYKEjhgA==\"}");
        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    @DisplayName("85: the error of a function behind AWS selects the response")
    void customError() {
        Integration integration = Integrations.of(Integration.Type.AWS, URI)
                .response("/.*denied.*/", Map.of("$default", "no: $input.path('$.errorMessage')"))
                .response("$default", Map.of("$default", "yes: $input.body"))
                .made();

        function.returns = OneFunction.returned("Handled", "{\"errorMessage\":\"access denied\"}");
        assertThat(Integrations.body(Integrations.call(backEnd, MESSAGE, integration)))
                .isEqualTo("no: access denied");
        function.returns = OneFunction.returned(null, "{\"a\":1}");
        assertThat(Integrations.body(Integrations.call(backEnd, MESSAGE, integration)))
                .isEqualTo("yes: {\"a\":1}");
    }

    @Test
    @DisplayName("86: a function behind AWS without a response is an internal error")
    void customWithoutResponse() {
        assertThat(Integrations.failure(Integrations.call(
                        backEnd,
                        MESSAGE,
                        Integrations.of(Integration.Type.AWS, URI).made())))
                .isEqualTo(Failure.INTERNAL);
    }

    @Test
    @DisplayName("L: X-Amz-Invocation-Type 'Event' has the function run without waiting for it")
    void asynchronous() {
        function.returns = OneFunction.returned(null, "");
        Integration integration = Integrations.of(Integration.Type.AWS, URI)
                .parameter("integration.request.header.X-Amz-Invocation-Type", "'Event'")
                .response("$default", Map.of("$default", "{\"statusCode\":200}"))
                .made();

        Answer.Given answer = (Answer.Given) Integrations.call(backEnd, CONNECT, integration);

        assertThat(function.waits).isFalse();
        assertThat(function.payload).isEqualTo("{}");
        assertThat(answer.status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "arn:aws:apigateway:us-east-1:dynamodb:action/PutItem",
                "https://example.com/",
                "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions//invocations"
            })
    void whatIsNoFunctionIsNotCalled(String uri) {
        assertThat(Integrations.failure(Integrations.call(
                        backEnd,
                        MESSAGE,
                        Integrations.of(Integration.Type.AWS_PROXY, uri).made())))
                .isEqualTo(Failure.INTERNAL);
        assertThat(function.name).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "chat,chat",
        "chat:live,chat:live",
        "arn:aws:lambda:us-east-1:000000000000:function:chat," + "arn:aws:lambda:us-east-1:000000000000:function:chat"
    })
    void aNameOrAnArnIsAFunctionToo(String uri, String name) {
        Integrations.call(
                backEnd,
                MESSAGE,
                Integrations.of(Integration.Type.AWS_PROXY, uri).made());

        assertThat(function.name).isEqualTo(name);
    }

    @Test
    void tooManyCallsAreThrottled() {
        assertThat(Integrations.failure(Failures.of("x", new java.util.concurrent.CompletionException(many()))))
                .isEqualTo(Failure.THROTTLED);
    }

    private static TooManyCallsException many() {
        return new TooManyCallsException("x", 1);
    }

    @Test
    void backEndsAreFoundByTheirTypes() {
        BackEnds all = new BackEnds(Map.of(Integration.Type.AWS_PROXY, backEnd));

        assertThat(Integrations.call(
                        all,
                        MESSAGE,
                        Integrations.of(Integration.Type.AWS_PROXY, URI).made()))
                .isInstanceOf(Answer.Given.class);
        assertThat(Integrations.failure(Integrations.call(
                        all, MESSAGE, Integrations.of(Integration.Type.MOCK, "").made())))
                .isEqualTo(Failure.INTERNAL);
    }
}
