package io.topicstream.aws.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.aws.http.FunctionInMemory.Told;
import io.topicstream.http.Access;
import io.topicstream.http.Readiness;
import io.topicstream.http.Readiness.Condition;
import io.topicstream.http.Route;
import io.topicstream.http.StreamedAnswer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HttpFunctionTest {
    private FunctionInMemory function = new FunctionInMemory();

    @AfterEach
    void close() {
        function.close();
    }

    private void with(FunctionInMemory other) {
        function.close();
        function = other;
    }

    private static byte[] gzipped(byte[] text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return out.toByteArray();
    }

    // ---- answers

    @Test
    void whatIsProducedIsConsumed() {
        Told first = function.call(Events.produce("a", "{\"payload\":{\"n\":\"é\"}}"));

        assertThat(first.status()).isEqualTo(200);
        assertThat(first.text()).isEqualTo("{\"topic\":\"a\",\"offset\":1}");
        assertThat(first.isBase64()).isFalse();
        assertThat(first.headers())
                .containsEntry("Content-Type", "application/json")
                .containsEntry("Topic-Durability", "memory")
                .containsEntry("Topic-Next-Offset", "2")
                .containsEntry("Access-Control-Allow-Origin", "*");
        Told page = function.call(Events.of("GET", "/topics/a/consume").query("offset=1&limit=5"));
        assertThat(page.text()).startsWith("{\"messages\":[{\"offset\":1,\"payload\":{\"n\":\"é\"},\"timestamp\":");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /health, 200",
        "GET, /health/ready, 200",
        "GET, /openapi.yaml, 200",
        "GET, /v1/topics/, 200",
        "GET, /nothing, 404",
        "PUT, /topics, 404",
        "POST, /rooms/a, 405",
        "OPTIONS, /topics, 204",
        "OPTIONS, *, 204",
        "get, /topics, 200",
        "TRACE, /topics, 405",
        "BREW, /topics, 501"
    })
    void everyMethodAndPathIsAnsweredAsAServerDoes(String method, String path, int status) {
        Told told = function.call(Events.of(method, path));

        assertThat(told.status()).isEqualTo(status);
        assertThat(told.text().isEmpty()).isEqualTo(status == 204);
    }

    @Test
    void headIsAnsweredWithoutABody() {
        Told head = function.call(Events.of("HEAD", "/health"));

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.text()).isEmpty();
        assertThat(head.header("Content-Type")).isEqualTo("application/json");
    }

    @Test
    void whatIsNotReadySaysWhy() {
        with(new FunctionInMemory(
                HttpFunction.PATIENCE,
                List.of(),
                Begun.NOTHING,
                new Readiness(List.of(new Condition("store_takes_writes", "the store takes no writes", () -> false)))));

        Told told = function.call(Events.of("GET", "/health/ready"));

        assertThat(told.status()).isEqualTo(503);
        assertThat(told.text()).contains("\"unmet\":[\"store_takes_writes\"]");
    }

    // ---- paths and queries

    @ParameterizedTest
    @CsvSource({
        "$default, /topics/a/consume, 200",
        "prod, /prod/topics/a/consume, 200",
        "prod, /topics/a/consume, 200",
        "prod, /production/topics/a/consume, 404",
        "v1, /v1/topics/a/consume, 200",
        "v1, /v1/v1/topics/a/consume, 200",
        "prod, /prod, 404"
    })
    void thePrefixOfAStageIsNoPartOfThePath(String stage, String path, int status) {
        assertThat(function.call(Events.of("GET", path).stage(stage)).status()).isEqualTo(status);
    }

    /// The gateway decodes the path of an HTTP API, and leaves that of a function's URL as it came.
    @ParameterizedTest
    @CsvSource({
        "abc.example, /topics/b:c/consume, 200",
        "abc.example, /topics/b%3Ac/consume, 400",
        "abc.example, /topics/b%2/consume, 400",
        "abc.example, /topics/b c/consume, 400",
        "abc.lambda-url.eu-west-1.on.aws, /topics/b:c/consume, 200",
        "abc.lambda-url.eu-west-1.on.aws, /topics/b%3Ac/consume, 200",
        "abc.lambda-url.eu-west-1.on.aws, /topics/b%2/consume, 400",
        "abc.lambda-url.eu-west-1.on.aws, /topics/b%2Fconsume, 400",
        "abc.lambda-url.eu-west-1.on.aws, /topics/%00/consume, 400",
        "abc.lambda-url.eu-west-1.on.aws, /topics/%C0%AF/consume, 400",
        "abc.lambda-url.eu-west-1.on.aws, /topics/%2561/consume, 400"
    })
    void aPathIsDecodedOnce(String domain, String path, int status) {
        assertThat(function.call(Events.of("GET", path).domain(domain)).status())
                .isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({
        "limit=1, 200",
        "li%6Dit=1&&x, 200",
        "limit=%31, 200",
        "limit=+1, 400",
        "limit=x&limit=1, 400",
        "limit=1&limit=x, 200",
        "limit=%, 400",
        "limit=%FF, 400",
        "prefix=%00, 400",
        "prefix=a%2Fb, 400",
        "=, 200"
    })
    void aQueryIsDecodedOnceAndItsFirstValueCounts(String query, int status) {
        assertThat(function.call(Events.of("GET", "/topics").query(query)).status())
                .isEqualTo(status);
    }

    // ---- who calls

    @Test
    void aKeySaysWhoCalls() {
        String key = function.key("ann");

        assertThat(function.call(Events.of("GET", "/users/ann/cursors")).status())
                .isEqualTo(403);
        assertThat(function.call(Events.of("GET", "/users/ann/cursors").header("x-api-key", key))
                        .status())
                .isEqualTo(200);
        assertThat(function.call(Events.of("GET", "/users/ann/cursors").header("authorization", "Bearer " + key))
                        .status())
                .isEqualTo(200);
        assertThat(function.call(Events.of("GET", "/topics").header("x-api-key", key + "," + key))
                        .status())
                .as("two fields, which the gateway has made one")
                .isEqualTo(401);
    }

    @Test
    void aCookieIsNoCredential() {
        Told told =
                function.call(Events.of("GET", "/users/ann/cursors").header("cookie", "token=" + function.key("ann")));

        assertThat(told.status()).isEqualTo(403);
    }

    @ParameterizedTest
    @CsvSource({"https://page.example, 200", "https://abc.example, 200", "https://foreign.example, 403", "null, 403"})
    void aPageNeedsACredentialOrToBeListed(String origin, int status) {
        assertThat(function.call(Events.of("GET", "/topics").header("origin", origin))
                        .status())
                .isEqualTo(status);
    }

    @Test
    void aForeignHostIsRefusedButForTheHealth() {
        Told refused = function.call(Events.of("GET", "/topics").header("host", "other.example"));

        assertThat(refused.status()).isEqualTo(421);
        assertThat(refused.header("Topic-Error")).isEqualTo("forbidden");
        assertThat(function.call(Events.of("GET", "/health").header("host", "other.example"))
                        .status())
                .isEqualTo(200);
        assertThat(function.call(Events.of("GET", "/topics").without("host")).status())
                .isEqualTo(400);
    }

    @Test
    void onlyAListedPageSeesWhyTheFunctionItselfRefusedIt() {
        Events broken = Events.of("GET", "/topics").query("limit=%");

        assertThat(function.call(broken.header("origin", "https://page.example"))
                        .header("Access-Control-Allow-Origin"))
                .isEqualTo("*");
        assertThat(function.call(broken.header("origin", "https://foreign.example"))
                        .header("Access-Control-Allow-Origin"))
                .isNull();
    }

    @Test
    void aFurtherRouteTakesTheAdministrator() {
        with(new FunctionInMemory(
                HttpFunction.PATIENCE,
                List.of(new Route(
                        "GET",
                        "/admin/x",
                        Access.ADMIN,
                        exchange -> exchange.answer(200, "application/octet-stream", Map.of(), new byte[] {1, -1}))),
                Begun.NOTHING,
                new Readiness(List.of())));

        Told told =
                function.call(Events.of("GET", "/admin/x").header("authorization", "Bearer " + FunctionInMemory.ADMIN));

        assertThat(told.isBase64()).isTrue();
        assertThat(told.body()).containsExactly(1, -1);
        assertThat(function.call(Events.of("GET", "/admin/x")).status()).isEqualTo(401);
    }

    // ---- bodies

    @Test
    void aBodyInBase64IsTheSameAsText() {
        Events event = Events.of("POST", "/topics/a/produce").header("content-type", "application/json");

        assertThat(function.call(event.bytes("{\"payload\":1}".getBytes(UTF_8))).status())
                .isEqualTo(200);
        assertThat(function.call(event.bytes(new byte[] {'"', -1})).status()).isEqualTo(400);
        assertThat(function.call(event.bytes(new byte[0])).text()).contains("missing request body");
        Told broken = function.call(event.base64("§§"));
        assertThat(broken.status()).isEqualTo(400);
        assertThat(broken.text())
                .isEqualTo("{\"error\":\"the body of the event is not base64\",\"code\":\"bad_frame\"}");
    }

    @Test
    void aFormIsTakenAsTheGatewayHandsItOver() {
        Told told = function.call(Events.of("POST", "/topics/a/produce")
                .header("content-type", "application/x-www-form-urlencoded")
                .bytes("payload=a+b".getBytes(UTF_8)));

        assertThat(told.status()).isEqualTo(200);
        assertThat(function.call(Events.of("GET", "/topics/a/consume")).text()).contains("\"payload\":\"a b\"");
    }

    @Test
    void aCodingIsUndoneWithinTheSameBounds() {
        Events event = Events.produce("a", "").header("content-encoding", "gzip");

        assertThat(function.call(event.bytes(gzipped("{\"payload\":1}".getBytes(UTF_8))))
                        .status())
                .isEqualTo(200);
        assertThat(function.call(event.bytes(gzipped(new byte[HttpFunction.BODY_BYTES + 1])))
                        .status())
                .isEqualTo(413);
        assertThat(function.call(event.bytes(new byte[] {1, 2, 3})).status()).isEqualTo(400);
        Told unknown = function.call(event.header("content-encoding", "br"));
        assertThat(unknown.status()).isEqualTo(415);
        assertThat(unknown.header("Accept-Encoding")).isEqualTo("gzip");
    }

    @Test
    void aBodyThatIsTooLargeIsRefused() {
        assertThat(function.call(Events.produce("a", "\"" + "x".repeat(HttpFunction.BODY_BYTES) + "\""))
                        .status())
                .isEqualTo(413);
        assertThat(function.call(Events.of("PUT", "/rooms/a").json(" ".repeat(65 * 1024)))
                        .status())
                .as("more than this route takes")
                .isEqualTo(413);
        assertThat(function.call(Events.produce("a", "{\"payload\":\"" + "x".repeat(70_000) + "\"}"))
                        .status())
                .isEqualTo(200);
    }

    // ---- events

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"version\":\"1.0\",\"path\":\"/\"}",
                "{\"version\":\"2.0\"}",
                "{\"version\":\"2.0\",\"rawPath\":\"/\",\"requestContext\":{\"http\":{}}}",
                "{\"version\":\"2.0\",\"rawPath\":\"x\",\"requestContext\":{\"http\":{\"method\":\"GET\",\"sourceIp\":\"1.2.3.4\"}}}",
                "{\"version\":\"2.0\",\"rawPath\":\"/\",\"requestContext\":{\"http\":{\"method\":\"GET\",\"sourceIp\":\"x\"}}}",
                "{\"version\":\"2.0\",\"rawPath\":\"/\",\"headers\":{\"a\":1},\"requestContext\":{\"http\":{\"method\":\"GET\",\"sourceIp\":\"1.2.3.4\"}}}",
                "{\"version\":\"2.0\",\"rawPath\":\"/\",\"body\":1,\"requestContext\":{\"http\":{\"method\":\"GET\",\"sourceIp\":\"1.2.3.4\"}}}",
                "{\"version\":\"2.0\",\"rawPath\":1,\"requestContext\":{\"http\":{\"method\":\"GET\",\"path\":\"/\",\"sourceIp\":\"1.2.3.4\"}}}",
                "{\"version\":\"2.0\",\"rawPath\":\"/\",\"rawQueryString\":[],\"requestContext\":{\"http\":{\"method\":\"GET\",\"sourceIp\":\"1.2.3.4\"}}}",
                "{\"version\":\"2.0\",\"rawPath\":\"/\",\"isBase64Encoded\":\"true\",\"requestContext\":{\"http\":{\"method\":\"GET\",\"sourceIp\":\"1.2.3.4\"}}}",
                "{\"version\":\"2.0\",\"rawPath\":\"/\",\"requestContext\":{\"stage\":{},\"http\":{\"method\":\"GET\",\"sourceIp\":\"1.2.3.4\"}}}",
                "{\"version\":\"2.0\",\"rawPath\":\"/\",\"headers\":{\"x-api-key\":\"a\",\"x-api-key\":\"b\"},\"requestContext\":{\"http\":{\"method\":\"GET\",\"sourceIp\":\"1.2.3.4\"}}}",
                "{\"task\":\"deliver\",\"topic\":\"t\",\"shard\":0}",
                "{\"requestContext\":{\"eventType\":\"MESSAGE\",\"connectionId\":\"x\"},\"body\":\"{}\"}"
            })
    void whatIsNoEventIsAFaultThatSaysWhatIsTaken(String json) {
        assertThatThrownBy(() -> function.handle(json.getBytes(UTF_8)))
                .isInstanceOf(BadEventException.class)
                .hasMessageContaining("payload format 2.0");
        assertThatThrownBy(() -> function.handle(new byte[] {'{', -1, '}'})).isInstanceOf(BadEventException.class);
    }

    // ---- what takes time

    @Test
    void aRunWaitsUntilItsAnswerIsThere() {
        function.hold();
        CompletableFuture<Told> told =
                CompletableFuture.supplyAsync(() -> function.call(Events.produce("a", "{\"payload\":1}")));
        await().until(function::isAsked);
        assertThat(told).isNotDone();

        function.release();

        assertThat(told.join().text()).isEqualTo("{\"topic\":\"a\",\"offset\":1}");
    }

    @Test
    void whatTakesTooLongIsUnavailableAndTheNextEventIsAnsweredAllTheSame() {
        with(new FunctionInMemory(Duration.ofMillis(300), List.of(), Begun.NOTHING, new Readiness(List.of())));
        function.hold();

        Told late = function.call(Events.produce("a", "{\"payload\":1}"));

        assertThat(late.status()).isEqualTo(503);
        assertThat(late.header("Topic-Error")).isEqualTo("unavailable");
        function.release();
        await().untilAsserted(() -> assertThat(
                        function.call(Events.of("GET", "/topics/a/consume")).text())
                .as("it may have been done")
                .contains("\"offset\":1,"));
    }

    @Test
    void aRunWaitsForWhatIsBegunBesideItsAnswer() {
        AtomicInteger begun = new AtomicInteger();
        with(new FunctionInMemory(
                HttpFunction.PATIENCE,
                List.of(),
                most -> {
                    assertThat(most).isBetween(Duration.ofSeconds(1), HttpFunction.PATIENCE);
                    begun.incrementAndGet();
                },
                new Readiness(List.of())));

        assertThat(function.call(Events.produce("a", "{\"payload\":1}")).status())
                .isEqualTo(200);

        assertThat(begun).hasValue(1);
    }

    // ---- answers in pieces

    private static Route streaming(StreamedAnswer answer) {
        return new Route(
                "GET",
                "/pieces",
                Access.OPEN,
                exchange -> exchange.answerStream(200, "application/x-ndjson", Map.of("A", "b"), answer));
    }

    /// Writes the piece so many times, and ends.
    private record Repeated(byte[] piece, int times, AtomicInteger closed) implements StreamedAnswer {
        @Override
        public void onOpen(Pieces pieces) {
            write(pieces, 0);
        }

        private void write(Pieces pieces, int written) {
            if (written == times) {
                pieces.end();
            } else {
                var _ = pieces.write(piece).whenComplete((goesOn, _) -> {
                    if (goesOn) {
                        Thread.startVirtualThread(() -> write(pieces, written + 1));
                    }
                });
            }
        }

        @Override
        public void onClosed() {
            closed.incrementAndGet();
        }
    }

    private Told pieces(int bytes, int times, Duration patience, AtomicInteger closed) {
        byte[] piece = "x".repeat(bytes).getBytes(UTF_8);
        with(new FunctionInMemory(
                patience,
                List.of(streaming(new Repeated(piece, times, closed))),
                Begun.NOTHING,
                new Readiness(List.of())));
        return function.call(Events.of("GET", "/pieces"));
    }

    @Test
    void anAnswerInPiecesIsGivenAsOne() {
        AtomicInteger closed = new AtomicInteger();

        Told told = pieces(10, 100, HttpFunction.PATIENCE, closed);

        assertThat(told.status()).isEqualTo(200);
        assertThat(told.header("A")).isEqualTo("b");
        assertThat(told.text()).isEqualTo("x".repeat(1000));
        assertThat(closed).hasValue(1);
    }

    @Test
    void oneThatIsTooLargeOrTakesTooLongIsNoneAndNoPart() {
        AtomicInteger closed = new AtomicInteger();

        Told large = pieces(1 << 20, 5, HttpFunction.PATIENCE, closed);
        Told slow = pieces(1, Integer.MAX_VALUE, Duration.ofMillis(200), closed);

        assertThat(List.of(large, slow)).extracting(Told::status).containsOnly(503);
        assertThat(closed).hasValue(2);
    }

    @Test
    void aFaultOfOursIsAnInternalError() {
        with(new FunctionInMemory(
                HttpFunction.PATIENCE,
                List.of(new Route("GET", "/fault", Access.OPEN, _ -> {
                    throw new IllegalStateException("on purpose");
                })),
                Begun.NOTHING,
                new Readiness(List.of())));

        assertThat(function.call(Events.of("GET", "/fault")).status()).isEqualTo(500);
    }
}
