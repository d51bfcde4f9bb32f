package io.topicstream.server.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.RawHttp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpApiTest {
    private static final byte[] DONE = "{\"statusCode\":200,\"body\":\"done\"}".getBytes(UTF_8);

    private final HttpClient http = HttpClient.newHttpClient();
    private volatile String event = "";
    private volatile Function<byte[], byte[]> function = _ -> DONE;
    private final CountDownLatch end = new CountDownLatch(1);
    private ServedFunction served = serve(HttpApi.PATIENCE);

    private ServedFunction serve(Duration patience) {
        return new ServedFunction(new HttpApi(this::call, patience, InstantSource.fixed(Instant.EPOCH)));
    }

    private byte[] call(byte[] made) {
        event = new String(made, UTF_8);
        return function.apply(made);
    }

    @AfterEach
    void close() {
        end.countDown();
        http.close();
        served.close();
    }

    private HttpResponse<String> send(String method, String path, byte[] body, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(served.uri().resolve(path))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    // ---- events

    @Test
    void aRequestIsAnEventAsTheGatewayMakesIt() {
        RawHttp answer = RawHttp.get(
                served.address(),
                "/topics/a%3Ab/consume?limit=1&limit=2&x=%2B",
                "Host: localhost",
                "X-Twice: 1",
                "x-twice: 2",
                "Cookie: a=b; c=d",
                "User-Agent: test");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(event.replaceAll("\"requestId\":\"[0-9a-f-]+\"", "\"requestId\":\"r\""))
                .isEqualTo("{\"version\":\"2.0\",\"routeKey\":\"$default\",\"rawPath\":\"/topics/a:b/consume\","
                        + "\"rawQueryString\":\"limit=1&limit=2&x=%2B\",\"cookies\":[\"a=b\",\"c=d\"],"
                        + "\"headers\":{\"host\":\"localhost\",\"x-twice\":\"1,2\",\"user-agent\":\"test\","
                        + "\"x-forwarded-for\":\"127.0.0.1\",\"x-forwarded-proto\":\"http\"},"
                        + "\"queryStringParameters\":{\"limit\":\"1,2\",\"x\":\"+\"},"
                        + "\"requestContext\":{\"accountId\":\"000000000000\",\"apiId\":\"local\","
                        + "\"domainName\":\"localhost\",\"domainPrefix\":\"local\",\"http\":{\"method\":\"GET\","
                        + "\"path\":\"/topics/a:b/consume\",\"protocol\":\"HTTP/1.1\",\"sourceIp\":\"127.0.0.1\","
                        + "\"userAgent\":\"test\"},\"requestId\":\"r\",\"routeKey\":\"$default\","
                        + "\"stage\":\"$default\",\"time\":\"01/Jan/1970:00:00:00 +0000\",\"timeEpoch\":0},"
                        + "\"isBase64Encoded\":false}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "application/json | {} | \"body\":\"{}\",\"isBase64Encoded\":false}",
                "text/plain; charset=utf-8 | é | \"body\":\"é\",\"isBase64Encoded\":false}",
                "application/x-www-form-urlencoded | a=b | \"body\":\"YT1i\",\"isBase64Encoded\":true}",
                "application/octet-stream | ab | \"body\":\"YWI=\",\"isBase64Encoded\":true}"
            })
    void aBodyIsTextByItsTypeAlone(String type, String body, String written) {
        send("POST", "/", body.getBytes(UTF_8), "Content-Type", type);

        assertThat(event).endsWith(written);
    }

    @Test
    void whatIsNoTextIsInBase64WhateverItSays() {
        send("POST", "/", new byte[] {-1}, "Content-Type", "application/json");

        assertThat(event).endsWith("\"body\":\"/w==\",\"isBase64Encoded\":true}");
    }

    @Test
    void aCodingIsUndoneBeforeTheEventIsMade() throws IOException {
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
            gzip.write("{}".getBytes(UTF_8));
        }

        send("POST", "/", zipped.toByteArray(), "Content-Type", "application/json", "Content-Encoding", "gzip");

        assertThat(event)
                .contains("\"content-length\":\"2\"", "\"body\":\"{}\"")
                .doesNotContain("gzip");
    }

    @Test
    void thePathEndsAtAQuestionMarkThatWasEncoded() {
        RawHttp.get(served.address(), "/a%3Fb/c", "Host: localhost");

        assertThat(event).contains("\"rawPath\":\"/a\",\"rawQueryString\":\"\"");
    }

    @Test
    void onlyThisMachineIsServed() {
        assertThat(RawHttp.get(served.address(), "/", "Host: foreign.example").status())
                .isEqualTo(421);
        assertThat(event).isEmpty();
    }

    // ---- answers

    @Test
    void whatTheFunctionAnswersIsSent() {
        function = _ -> ("{\"statusCode\":201,\"headers\":{\"content-type\":\"application/x\",\"A\":\"b\","
                        + "\"Content-Length\":\"7\"},\"body\":\"YWI=\",\"isBase64Encoded\":true}")
                .getBytes(UTF_8);

        HttpResponse<String> answer = send("GET", "/", new byte[0]);

        assertThat(answer.statusCode()).isEqualTo(201);
        assertThat(answer.body()).isEqualTo("ab");
        assertThat(answer.headers().firstValue("a")).contains("b");
        assertThat(answer.headers().firstValue("content-type")).contains("application/x");
        assertThat(answer.headers().firstValue("content-length")).contains("2");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"statusCode\":\"200\"}",
                "{\"statusCode\":99}",
                "{\"statusCode\":200,\"headers\":[]}",
                "{\"statusCode\":200,\"body\":\"§\",\"isBase64Encoded\":true}",
                "{\"statusCode\":200,\"headers\":{\"a\":\"\\n\"}}"
            })
    void whatIsNoAnswerIsAnErrorOfTheServer(String returned) {
        function = _ -> returned.getBytes(UTF_8);

        assertFailed(send("GET", "/", new byte[0]));
    }

    private static void assertFailed(HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(500);
        assertThat(answer.body()).isEqualTo("{\"message\":\"Internal Server Error\"}");
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
    }

    @Test
    void aFunctionThatFailsIsAnErrorOfTheServer() {
        function = _ -> {
            throw new IllegalStateException("on purpose");
        };

        assertFailed(send("GET", "/", new byte[0]));
    }

    @Test
    void anAnswerThatLambdaDoesNotTakeIsAnErrorOfTheServer() {
        function =
                _ -> ("{\"statusCode\":200,\"body\":\"" + "x".repeat(HttpApi.INVOCATION_BYTES) + "\"}").getBytes(UTF_8);

        assertFailed(send("GET", "/", new byte[0]));
    }

    // ---- limits

    @ParameterizedTest
    @ValueSource(ints = {HttpApi.INVOCATION_BYTES, HttpApi.BODY_BYTES + 1})
    void anEventThatLambdaDoesNotTakeIsTooLarge(int bytes) {
        HttpResponse<String> answer = send("POST", "/", new byte[bytes], "Content-Type", "application/x");

        assertThat(answer.statusCode()).isEqualTo(413);
        assertThat(answer.body()).isEqualTo("{\"message\":\"Request Entity Too Large\"}");
        assertThat(event).isEmpty();
    }

    @Test
    void aFunctionThatTakesTooLongIsUnavailable() {
        served.close();
        served = serve(Duration.ofMillis(100));
        function = _ -> {
            try {
                end.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            return DONE;
        };

        HttpResponse<String> answer = send("GET", "/", new byte[0]);

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(answer.body()).isEqualTo("{\"message\":\"Service Unavailable\"}");
    }
}
