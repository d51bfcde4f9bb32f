package io.topicstream.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.RawHttp;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The chat page as browsers get it: a page in small, behind the product's own transport.
class ChatPageTest {
    private static final String APP = "/chat/assets/app-1a2b.js";
    private static final String POLICY =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
                    + "worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; "
                    + "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types topicstream";

    private final HttpServer server = HttpServer.open();
    private final HttpClient client = HttpClient.newHttpClient();

    @AfterEach
    void stop() {
        client.close();
        server.close();
    }

    private static String field(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse(null);
    }

    private static void assertSafe(HttpResponse<?> answer) {
        assertThat(field(answer, "Content-Security-Policy")).isEqualTo(POLICY);
        assertThat(answer.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
        assertThat(field(answer, "Referrer-Policy")).isEqualTo("no-referrer");
        assertThat(field(answer, "Cross-Origin-Opener-Policy")).isEqualTo("same-origin");
    }

    /// As the bytes come.
    private HttpResponse<byte[]> bytes(String path, String... fields) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(server.uri(path));
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    private RawHttp raw(String path) {
        return RawHttp.get(new InetSocketAddress(InetAddress.getLoopbackAddress(), server.port), path);
    }

    @Test
    void thePageIsTheFileToBeginWith() {
        HttpResponse<String> page = server.get("/chat/");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).isEqualTo("<!doctype html><title>Chat</title>");
        assertThat(field(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(field(page, "Cache-Control")).isEqualTo("no-cache");
        assertThat(field(page, "Access-Control-Allow-Origin")).isNull();
        assertSafe(page);
        assertThat(server.get("/chat/index.html").body()).isEqualTo(page.body());
    }

    @Test
    void withoutItsSlashThePageIsNextDoor() {
        HttpResponse<String> answer = server.get("/chat?from=elsewhere");

        assertThat(answer.statusCode()).isEqualTo(308);
        assertThat(field(answer, "Location")).as("also behind a proxy's path").isEqualTo("chat/");
        assertThat(field(answer, "Cache-Control")).isEqualTo("no-cache");
        assertThat(answer.body()).isEmpty();
        assertSafe(answer);
    }

    @ParameterizedTest
    @CsvSource({
        "/chat/assets/app-1a2b.js, text/javascript; charset=utf-8",
        "/chat/assets/tiny-3c4d.css, text/css; charset=utf-8"
    })
    void whatIsNamedByItsContentIsKeptForEver(String path, String type) {
        HttpResponse<String> answer = server.get(path);

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(field(answer, "Content-Type")).isEqualTo(type);
        assertThat(field(answer, "Cache-Control")).isEqualTo("public, max-age=31536000, immutable");
        assertSafe(answer);
    }

    @Test
    void theServerSaysWhereItsStageIsAndNotTheBuild() {
        HttpResponse<String> answer = server.get("/chat/config.json");

        assertThat(answer.body()).isEqualTo("{}");
        assertThat(field(answer, "Content-Type")).isEqualTo("application/json");
        assertThat(field(answer, "Cache-Control")).isEqualTo("no-cache");
    }

    @Test
    void whoTakesGzipGetsIt() throws Exception {
        HttpResponse<byte[]> plain = bytes(APP);
        HttpResponse<byte[]> small = bytes(APP, "Accept-Encoding", "br, gzip;q=0.5");
        HttpResponse<byte[]> refused = bytes(APP, "Accept-Encoding", "gzip;q=0");

        assertThat(plain.body()).isEqualTo(HttpServer.PAGE.get("assets/app-1a2b.js"));
        assertThat(field(plain, "Content-Encoding")).isNull();
        assertThat(field(small, "Content-Encoding")).isEqualTo("gzip");
        assertThat(small.body()).hasSizeLessThan(plain.body().length / 10);
        assertThat(inflated(small.body())).isEqualTo(plain.body());
        assertThat(refused.body()).isEqualTo(plain.body());
        for (HttpResponse<byte[]> answer : List.of(plain, small, refused)) {
            assertThat(answer.headers().allValues("Vary")).containsExactly("Accept-Encoding");
            assertSafe(answer);
        }
        assertThat(field(small, "ETag")).isNotEqualTo(field(plain, "ETag"));
        assertThat(field(bytes("/chat/assets/tiny-3c4d.css", "Accept-Encoding", "gzip"), "Content-Encoding"))
                .as("what gzip would make longer")
                .isNull();
    }

    private static byte[] inflated(byte[] gzip) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(gzip))) {
            return in.readAllBytes();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"identity", "gzip"})
    void whoHasTheFileIsToldSo(String coding) throws Exception {
        String tag = field(bytes(APP, "Accept-Encoding", coding), "ETag");

        for (String known : List.of(tag, "W/" + tag, "\"other\", " + tag, "*")) {
            HttpResponse<byte[]> answer = bytes(APP, "Accept-Encoding", coding, "If-None-Match", known);

            assertThat(answer.statusCode()).as(known).isEqualTo(304);
            assertThat(answer.body()).isEmpty();
            assertThat(field(answer, "ETag")).isEqualTo(tag);
            assertThat(field(answer, "Cache-Control")).contains("immutable");
            assertThat(field(answer, "Vary")).isEqualTo("Accept-Encoding");
            assertSafe(answer);
        }
        assertThat(bytes(APP, "Accept-Encoding", coding, "If-None-Match", "\"other\"")
                        .statusCode())
                .isEqualTo(200);
    }

    @Test
    void headIsAnsweredAsGetWithoutTheBody() {
        HttpResponse<String> head = server.send("HEAD", APP, null);

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(field(head, "Content-Length"))
                .isEqualTo(Integer.toString(HttpServer.PAGE.get("assets/app-1a2b.js").length));
        assertThat(field(head, "ETag")).isEqualTo(field(server.get(APP), "ETag"));
        assertSafe(head);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/chat", "/chat/", "/chat/index.html", "/chat/nothing", "/chat/a/b/c/d"})
    void nothingCanBeSentToIt(String path) {
        HttpResponse<String> answer = server.send("POST", path, new byte[0]);

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(field(answer, "Allow")).isEqualTo("GET, HEAD, OPTIONS");
        assertThat(field(answer, "Content-Type")).isEqualTo("application/json");
        assertSafe(answer);
    }

    @Test
    void theNewestMessagesOfTheChatAreWhereTheyWere() {
        HttpResponse<String> messages = server.get("/chat/last-messages");

        assertThat(messages.statusCode()).isEqualTo(200);
        assertThat(messages.body()).isEqualTo("{\"messages\":[]}");
        assertThat(server.get("/v1/chat/last-messages").body()).isEqualTo(messages.body());
        assertThat(field(server.send("POST", "/chat/last-messages", new byte[0]), "Allow"))
                .isEqualTo("GET, HEAD, OPTIONS");
    }

    /// Each as it stands, on the wire: clients of HTTP would tidy some of them up.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/chat/nothing",
                "/chat/nothing/at/all/here",
                "/chat/assets",
                "/chat/assets/",
                "/chat/index.html/",
                "/chat//index.html",
                "/chat/./index.html",
                "/chat/../chat/index.html",
                "/chat/assets/../index.html",
                "/chat/../../etc/passwd",
                "/chat/%2e%2e/%2e%2e/etc/passwd",
                "/chat/..;/index.html",
                "/chat/..%5c..%5cetc%5cpasswd",
                "/chat/.git/config",
                "/chat/actuator",
                "/chat/chat.files",
                "/chat/../chat.files",
                "/chat/index.html;x",
                "/chat/index.html%20",
                "/chat/INDEX.HTML",
                "/chat/<img%20src=x%20onerror=alert(1)>",
                "/chat/nothing?<script>alert(1)</script>",
                "/v1/chat",
                "/v1/chat/",
                "/v1/chat/index.html",
                "/chat/v1"
            })
    void whatIsNoneOfItsFilesIsNotFound(String path) {
        RawHttp answer = raw(path);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.text())
                .endsWith("\r\n\r\n{\"error\":\"not found\",\"code\":\"not_found\"}")
                .contains(
                        "\r\nContent-Type: application/json\r\n",
                        "\r\nContent-Security-Policy: " + POLICY + "\r\n",
                        "\r\nX-Content-Type-Options: nosniff\r\n",
                        "\r\nReferrer-Policy: no-referrer\r\n",
                        "\r\nCross-Origin-Opener-Policy: same-origin\r\n",
                        "\r\nCache-Control: no-store\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/..;/",
                "/../../etc/passwd",
                "/%2e%2e/%2e%2e/etc/passwd",
                "/.git/config",
                "/actuator",
                "/actuator/env",
                "/server-status",
                "/<img%20src=x%20onerror=alert(1)>",
                "/nothing?<script>alert(1)</script>"
            })
    void whatTheServerDoesNotHaveIsNotFoundEither(String path) {
        RawHttp answer = raw(path);

        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.text())
                .endsWith("\r\n\r\n{\"error\":\"not found\"}")
                .contains("\r\nContent-Type: application/json\r\n", "\r\nX-Content-Type-Options: nosniff\r\n");
    }

    /// These are no paths at all, and refused before anything is looked for.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/..%2f..%2fetc/passwd",
                "/chat/..%2f..%2fetc/passwd",
                "/%c0%ae",
                "/chat/%c0%ae%c0%ae/etc/passwd",
                "/chat/index.html%00.js",
                "/chat/%zz"
            })
    void whatCanBeReadInTwoWaysIsRefused(String path) {
        RawHttp answer = raw(path);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text())
                .contains(
                        "\r\nContent-Type: application/json\r\n",
                        "\r\nX-Content-Type-Options: nosniff\r\n",
                        "\r\n\r\n{\"error\":\"")
                .doesNotContain("passwd", "c0");
    }

    /// What somebody has stored, or asked for, is never a page: it is JSON, and no browser takes it for anything else.
    @ParameterizedTest
    @CsvSource({
        "200, /topics/chat/consume",
        "200, /topics",
        "200, /rooms",
        "404, /rooms/room:nowhere",
        "200, /chat/last-messages",
        "200, /health",
        "200, /",
        "404, /nothing<script>",
        "405, /health/live"
    })
    void whatIsStoredIsNoPage(int status, String path) {
        server.produce("chat", "{\"payload\":\"<script>alert(1)</script>\"}");

        HttpResponse<String> answer = status == 405
                ? server.send("POST", path, new byte[0])
                : server.get(path.replace("<script>", "%3Cscript%3E"));

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(field(answer, "Content-Type")).isEqualTo("application/json");
        assertThat(answer.headers().allValues("X-Content-Type-Options")).containsExactly("nosniff");
        if (path.contains("consume")) {
            assertThat(answer.body()).contains("alert(1)");
        } else {
            assertThat(answer.body()).doesNotContain("<script>");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/chat", "/chat/", "/chat/index.html", "/chat/config.json"})
    void aBuildWithoutThePageSaysSo(String path) {
        try (HttpServer without = HttpServer.of(Map.of())) {
            HttpResponse<String> answer = without.get(path);

            assertThat(answer.statusCode()).isEqualTo(404);
            assertThat(answer.body()).startsWith("{\"error\":\"this build of the server has no chat page");
            assertSafe(answer);
        }
    }

    @Test
    void theDescriptionOfTheApiIsNoPageEither() {
        assertThat(field(server.get("/openapi.yaml"), "X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(field(server.get("/metrics"), "X-Content-Type-Options")).isEqualTo("nosniff");
    }
}
