package io.topicstream.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.Engine;
import io.topicstream.server.RawHttp;
import io.topicstream.server.TestClient;
import io.topicstream.server.TestServers;
import io.topicstream.server.TopicStreamServer;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a browser is told before and after a call of a page from elsewhere, by a whole server, field by field.
class CrossOriginTest {
    private static final String LISTED = "Origin: https://page.example";
    private static final String STRANGER = "Origin: https://stranger.example";
    private static final String ALLOW_ORIGIN = "access-control-allow-origin";
    private static final String EXPOSED = "access-control-expose-headers";

    private TopicStreamServer server;

    @BeforeEach
    void start() {
        server = serve();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static TopicStreamServer serve(String... settings) {
        List<String> all = new ArrayList<>(
                List.of("server.allowed_origins", "https://page.example", "access.wrong_credentials_per_minute", "2"));
        all.addAll(List.of(settings));
        return TestServers.start(
                Engine.inMemory(InstantSource.system()), TestServers.config(all.toArray(String[]::new)));
    }

    private RawHttp ask(String method, String target, String... fields) {
        return ask(server, method, target, "", fields);
    }

    private static RawHttp ask(TopicStreamServer server, String method, String target, String body, String... fields) {
        String lines = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return RawHttp.send(
                server.address(),
                method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + lines + "\r\n"
                        + body);
    }

    private RawHttp preflight(String target, String method, String origin) {
        return ask(
                "OPTIONS",
                target,
                origin,
                "Access-Control-Request-Method: " + method,
                "Access-Control-Request-Headers: authorization,content-type,x-api-key");
    }

    /// The header fields by their names in lower case. Each is there once.
    private static Map<String, String> fields(RawHttp answer) {
        Map<String, String> fields = new TreeMap<>();
        answer.text()
                .substring(0, answer.text().indexOf("\r\n\r\n"))
                .lines()
                .skip(1)
                .forEach(line -> {
                    int colon = line.indexOf(':');
                    assertThat(fields.put(
                                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                                    line.substring(colon + 1).strip()))
                            .as("twice: " + line)
                            .isNull();
                });
        return fields;
    }

    private static List<String> aboutOrigins(RawHttp answer) {
        return fields(answer).keySet().stream()
                .filter(name -> name.startsWith("access-control-"))
                .toList();
    }

    private static void assertReadable(RawHttp answer, int status) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(aboutOrigins(answer)).containsExactly(ALLOW_ORIGIN, EXPOSED);
        assertThat(fields(answer)).containsEntry(ALLOW_ORIGIN, "*");
        assertThat(fields(answer).get(EXPOSED)).contains("Topic-Error", "Retry-After");
        assertThat(fields(answer)).containsKey("topic-error");
    }

    private static void assertUnreadable(RawHttp answer, int status) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(aboutOrigins(answer)).isEmpty();
    }

    // ---- before the call

    @ParameterizedTest
    @CsvSource({
        "/topics/t/produce, POST",
        "/v1/topics/t/produce/, POST",
        "/topics/t/consume, GET",
        "/topics, GET",
        "/health, GET",
        "/healthz, GET",
        "/health/live, GET",
        "/health/ready, GET",
        "/openapi.yaml, GET",
        "/, GET",
        "*, GET"
    })
    void aPreflightIsAnsweredWithEverythingThatMayBeSent(String target, String method) {
        for (String origin : List.of(LISTED, STRANGER, "Origin: null")) {
            RawHttp answer = preflight(target, method, origin);

            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.text()).endsWith("\r\n\r\n");
            Map<String, String> fields = fields(answer);
            assertThat(fields).containsEntry(ALLOW_ORIGIN, "*").containsEntry("access-control-max-age", "7200");
            assertThat(fields.get("access-control-allow-methods").split(", "))
                    .containsExactly("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
            assertThat(fields.get("access-control-allow-headers").split(", "))
                    .containsExactly(
                            "Content-Type",
                            "Content-Encoding",
                            "Authorization",
                            "x-api-key",
                            "Idempotency-Key",
                            "Last-Event-ID",
                            "Accept",
                            "X-Requested-With",
                            "traceparent",
                            "tracestate",
                            "baggage");
            assertThat(aboutOrigins(answer)).hasSize(4);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/metrics, GET",
        "/v1/metrics/, GET",
        "/admin/keys, POST",
        "/admin/keys/ada, DELETE",
        "/admin/backup, POST"
    })
    void aPreflightForWhatNoPageMayCallIsRefusedWithoutAWordOfOrigins(String target, String method) {
        RawHttp answer = preflight(target, method, LISTED);

        assertUnreadable(answer, 405);
        assertThat(fields(answer).get("allow")).contains(method).doesNotContain("OPTIONS");
    }

    @Test
    void aPreflightForWhatIsNotThereIsNoPermission() {
        RawHttp answer = preflight("/nowhere", "GET", LISTED);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(aboutOrigins(answer)).doesNotContain("access-control-allow-methods", "access-control-allow-headers");
    }

    // ---- after the call

    @Test
    void aBodyThatIsTooLargeIsSaidToThePage() {
        try (TopicStreamServer small = serve("limits.messages.payload_bytes", "1024")) {
            String produce = "/topics/t/produce";
            String json = "Content-Type: application/json";
            String body = "{\"payload\":\"" + "x".repeat(4096) + "\"}";
            String length = "Content-Length: " + body.length();

            assertReadable(ask(small, "POST", produce, body, LISTED, json, length), 413);
            assertReadable(ask(small, "POST", produce, "", LISTED, json, "Content-Length: 999999999"), 413);
            assertReadable(
                    ask(small, "POST", produce, "", STRANGER, json, "Content-Length: 999999999", "x-api-key: any"),
                    413);
            assertUnreadable(ask(small, "POST", produce, "", STRANGER, json, "Content-Length: 999999999"), 413);
            assertUnreadable(ask(small, "POST", "/admin/keys", "", LISTED, json, "Content-Length: 999999999"), 413);
        }
    }

    @Test
    void wrongCredentialsThatAreTooManyAreSaidToThePage() {
        for (int i = 0; i < 2; i++) {
            assertReadable(ask("GET", "/topics", STRANGER, "x-api-key: wrong"), 401);
        }

        RawHttp answer = ask("GET", "/topics", STRANGER, "x-api-key: wrong");

        assertReadable(answer, 429);
        assertThat(fields(answer)).containsEntry("retry-after", "60");
    }

    @ParameterizedTest
    @CsvSource({"total, 503", "per_address, 429"})
    void tooManyConnectionsAreSaidToThePage(String limit, int status) {
        try (TopicStreamServer full =
                serve("limits.connections." + limit, "2", "limits.connections.cap_loopback", "true")) {
            List<TestClient> held =
                    List.of(TestClient.connect(TestServers.uri(full)), TestClient.connect(TestServers.uri(full)));

            RawHttp answer = ask(full, "GET", "/topics", "", LISTED);

            assertReadable(answer, status);
            assertThat(fields(answer)).containsKey("retry-after");
            assertUnreadable(ask(full, "GET", "/topics", "", STRANGER), status);
            assertUnreadable(ask(full, "GET", "/admin/keys", "", LISTED), status);
            held.forEach(TestClient::close);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {LISTED, STRANGER})
    void whatIsRefusedBeforeItsHeaderFieldsAreReadNamesNoOrigin(String origin) {
        assertUnreadable(ask("GET", "/topics?prefix=" + "x".repeat(100_000), origin), 414);
        assertUnreadable(ask("GET", "/topics", origin, "X-Long: " + "x".repeat(100_000)), 431);
    }
}
