package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.Headers;
import io.topicstream.gateway.backend.Servers;
import io.topicstream.gateway.http.CallBounds;
import io.topicstream.gateway.http.HttpCallLimits;
import io.topicstream.gateway.http.HttpCaller;
import io.topicstream.gateway.http.HttpCalls;
import io.topicstream.gateway.http.TooManyCallsException;
import io.topicstream.gateway.lambda.Functions.Invocation;
import io.topicstream.gateway.signature.Credentials;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

public class RemoteFunctionsTest {
    private static final String ARN = "arn:aws:lambda:us-east-1:000000000000:function:chat:live";
    private static final Instant THEN = Instant.parse("2015-08-30T12:36:00Z");
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Credentials KEY =
            new Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "TOKEN/+=");

    private final Servers servers = new Servers();
    private final CallBounds bounds = new CallBounds(new HttpCallLimits(2, 6 << 20, 64 << 20));
    private HttpCalls calls;
    private final AtomicReference<Seen> seen = new AtomicReference<>();

    private record Seen(String uri, Headers headers, String body) {}

    /// Who calls.
    protected HttpCalls calls(CallBounds within) {
        return new HttpCaller(within);
    }

    @BeforeEach
    final void open() {
        calls = calls(bounds);
    }

    @AfterEach
    void close() {
        calls.close();
        servers.close();
    }

    private String server(int status, Map<String, String> headers, String answer) {
        return servers.http((exchange, body) -> {
            seen.set(new Seen(
                    exchange.getRequestURI().toString(), exchange.getRequestHeaders(), new String(body, UTF_8)));
            headers.forEach(exchange.getResponseHeaders()::set);
            Servers.answer(exchange, status, answer);
        });
    }

    private RemoteFunctions functions(String endpoint, Credentials key, Map<String, URI> endpoints) {
        return new RemoteFunctions(
                calls, new RemoteFunctions.Settings(URI.create(endpoint), "us-east-1", key, endpoints), () -> THEN);
    }

    private static <T> T got(CompletionStage<T> stage) throws Exception {
        try {
            return stage.toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void lambdaIsAskedByTheArnWithASignature() throws Exception {
        RemoteFunctions functions = functions(server(200, Map.of(), "{\"statusCode\":200}"), KEY, Map.of());

        Invocation invocation = got(functions.invoke(ARN, bytes("{\"a\":1}"), LONG));

        assertThat(invocation.error()).isNull();
        assertThat(new String(invocation.payload(), UTF_8)).isEqualTo("{\"statusCode\":200}");
        assertThat(seen.get().uri())
                .isEqualTo("/2015-03-31/functions/"
                        + "arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Achat%3Alive/invocations");
        assertThat(seen.get().body()).isEqualTo("{\"a\":1}");
        assertThat(seen.get().headers().getFirst("X-Amz-Invocation-Type")).isEqualTo("RequestResponse");
        assertThat(seen.get().headers().getFirst("X-Amz-Date")).isEqualTo("20150830T123600Z");
        assertThat(seen.get().headers().getFirst("X-Amz-Security-Token")).isEqualTo("TOKEN/+=");
        assertThat(seen.get().headers().getFirst("Authorization"))
                .startsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/lambda/aws4_request,"
                        + " SignedHeaders=content-type;host;x-amz-date;x-amz-invocation-type;x-amz-security-token,"
                        + " Signature=");
    }

    @Test
    void anEmulatorIsAskedByTheNameAloneAndWithoutASignature() throws Exception {
        RemoteFunctions functions = functions(server(200, Map.of(), "null"), null, Map.of());

        got(functions.invoke(ARN, bytes("{}"), LONG));

        assertThat(seen.get().uri()).isEqualTo("/2015-03-31/functions/chat/invocations");
        assertThat(seen.get().headers().containsKey("Authorization")).isFalse();
    }

    @Test
    void aFunctionMayHaveAnEndpointOfItsOwn() throws Exception {
        String own = server(200, Map.of(), "null");
        RemoteFunctions functions = functions(
                Servers.nobody(),
                null,
                Map.of("chat", URI.create(own), "other", URI.create(own + "/2015-03-31/functions/x/invocations")));

        got(functions.invoke(ARN, bytes("{}"), LONG));
        assertThat(seen.get().uri()).isEqualTo("/2015-03-31/functions/function/invocations");
        got(functions.invoke("other", bytes("{}"), LONG));
        assertThat(seen.get().uri()).isEqualTo("/2015-03-31/functions/x/invocations");
    }

    @Test
    void theErrorOfAFunctionIsTold() throws Exception {
        String error = "{\"errorMessage\":\"Unauthorized\",\"errorType\":\"Error\",\"trace\":[]}";
        RemoteFunctions real =
                functions(server(200, Map.of("X-Amz-Function-Error", "Unhandled"), error), KEY, Map.of());
        RemoteFunctions emulated = functions(server(200, Map.of(), error), null, Map.of());
        RemoteFunctions returned = functions(server(200, Map.of(), error), KEY, Map.of());

        assertThat(got(real.invoke("f", bytes("{}"), LONG)).error()).isEqualTo("Unhandled");
        assertThat(new String(got(real.invoke("f", bytes("{}"), LONG)).payload(), UTF_8))
                .isEqualTo(error);
        assertThat(got(emulated.invoke("f", bytes("{}"), LONG)).error()).isEqualTo("Unhandled");
        assertThat(got(returned.invoke("f", bytes("{}"), LONG)).error()).isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "404,ResourceNotFoundException",
        "429,TooManyRequestsException",
        "403,AccessDeniedException",
        "500,X",
        "302,X"
    })
    void aRefusalOfTheServiceIsAnError(int status, String type) {
        RemoteFunctions functions =
                functions(server(status, Map.of("x-amzn-ErrorType", type), "{\"Message\":\"why\"}"), KEY, Map.of());

        assertThatThrownBy(() -> got(functions.invoke("f", bytes("{}"), LONG)))
                .isInstanceOf(IOException.class)
                .hasMessage("The Invoke API answered " + status + " " + type + ": {\"Message\":\"why\"}");
        assertThatThrownBy(() -> got(functions.invokeLater("f", bytes("{}")))).isInstanceOf(IOException.class);
    }

    @Test
    void anEventIsOnlyAccepted() throws Exception {
        RemoteFunctions functions = functions(server(202, Map.of(), ""), KEY, Map.of());

        got(functions.invokeLater("f", bytes("{}")));

        assertThat(seen.get().headers().getFirst("X-Amz-Invocation-Type")).isEqualTo("Event");
    }

    @ParameterizedTest
    @CsvSource({"6291456,true", "6291457,false"})
    void payloadsAreBounded(int bytes, boolean fits) throws Exception {
        RemoteFunctions functions = functions(server(200, Map.of(), "null"), null, Map.of());

        if (fits) {
            assertThat(got(functions.invoke("f", new byte[bytes], LONG)).error())
                    .isNull();
        } else {
            assertThatThrownBy(() -> got(functions.invoke("f", new byte[bytes], LONG)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("more than 6291456");
            assertThat(seen.get()).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({"1048576,true", "1048577,false"})
    void payloadsOfEventsAreBoundedTighter(int bytes, boolean fits) throws Exception {
        RemoteFunctions functions = functions(server(202, Map.of(), ""), null, Map.of());

        if (fits) {
            got(functions.invokeLater("f", new byte[bytes]));
        } else {
            assertThatThrownBy(() -> got(functions.invokeLater("f", new byte[bytes])))
                    .isInstanceOf(IOException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({"6291456,true", "6291457,false"})
    void resultsAreBounded(int bytes, boolean fits) throws Exception {
        RemoteFunctions functions = functions(server(200, Map.of(), "x".repeat(bytes)), null, Map.of());

        if (fits) {
            assertThat(got(functions.invoke("f", bytes("{}"), LONG)).payload()).hasSize(bytes);
        } else {
            assertThatThrownBy(() -> got(functions.invoke("f", bytes("{}"), LONG)))
                    .isInstanceOf(IOException.class);
        }
    }

    @Test
    void aFunctionThatTakesTooLongIsLeft() {
        String url = servers.raw(socket -> socket.getInputStream().readAllBytes());
        RemoteFunctions functions = functions(url, null, Map.of());

        assertThatThrownBy(() -> got(functions.invoke("f", bytes(""), Duration.ofMillis(100))))
                .isInstanceOf(TimeoutException.class);
    }

    @Test
    void aSlowFunctionHarmsNoOtherOfTheSameEndpoint() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        String url = servers.http((exchange, _) -> {
            if (exchange.getRequestURI().getPath().contains("slow")) {
                go.await();
            }
            Servers.answer(exchange, 200, "null");
        });
        RemoteFunctions functions = functions(url, null, Map.of());
        CompletionStage<Invocation> one = functions.invoke("slow", bytes("{}"), LONG);
        CompletionStage<Invocation> two = functions.invoke("slow", bytes("{}"), LONG);

        assertThatThrownBy(() -> got(functions.invoke("slow", bytes("{}"), LONG)))
                .isInstanceOf(TooManyCallsException.class);
        assertThat(got(functions.invoke("quick", bytes("{}"), LONG)).error()).isNull();
        go.countDown();
        assertThat(got(one).error()).isNull();
        assertThat(got(two).error()).isNull();
    }

    @Test
    void whoIsNotToBeHadIsAnError() {
        RemoteFunctions functions = functions(Servers.nobody(), null, Map.of());

        assertThatThrownBy(() -> got(functions.invoke("f", bytes("{}"), LONG))).isInstanceOf(IOException.class);
    }
}
