package io.topicstream.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the older contract leaves open, and what only a server has; the contract itself is in `StreamScenarios`.
class StreamContractTest {
    private final HttpServer server = HttpServer.open();

    @AfterEach
    void stop() {
        assertThat(server.get("/health").body()).isEqualTo("{\"status\":\"ok\"}");
        server.close();
    }

    // ---- produce

    @Test
    void whatIsNotJsonIsPrintedAsJson() throws Exception {
        try (RecordingLane lane = RecordingLane.threaded("publisher")) {
            RecordingAppend append = RecordingAppend.to(new TopicName("t"))
                    .draft(new Draft(new byte[] {0, -1, 62}, null, Details.ofBytes("a/b")))
                    .draft(new Draft(new byte[0], null, Details.REDACTED))
                    .draft(new Draft(new byte[] {'3'}, null, Details.NONE.withHeaders(Headers.of(Map.of("h", "v")))))
                    .on(lane);
            server.log.append(append);
            append.answer().join();
        }

        assertThat(server.get("/topics/t/consume").body().replaceAll("\"timestamp\":\\d+", "\"timestamp\":0"))
                .isEqualTo("{\"messages\":[{\"offset\":1,\"payload\":\"AP8+\",\"timestamp\":0},"
                        + "{\"offset\":2,\"payload\":null,\"timestamp\":0,\"redacted\":true},"
                        + "{\"offset\":3,\"payload\":3,\"timestamp\":0}],\"next_offset\":4}");
    }

    @Test
    void aProduceSaysWhereTheTopicStandsAndHowSafeTheMessageIs() {
        server.produce("t", "{\"payload\":1}");
        HttpResponse<String> second = server.produce("t", "{\"payload\":2}");

        assertThat(field(second, "Topic-First-Offset")).isEqualTo("1");
        assertThat(field(second, "Topic-Next-Offset")).isEqualTo("3");
        assertThat(field(second, "Topic-Epoch")).isEqualTo("7");
        assertThat(field(second, "Topic-Durability")).isEqualTo("memory");
    }

    // ---- consume

    @Test
    void consumeGivesTheFirstTenByDefault() {
        produceTo("t", 12);

        HttpResponse<String> page = server.get("/topics/t/consume");

        assertThat(offsets(page)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
        assertThat(next(page)).isEqualTo(11);
        assertThat(field(page, "Topic-First-Offset")).isEqualTo("1");
        assertThat(field(page, "Topic-Next-Offset")).isEqualTo("13");
        assertThat(field(page, "Topic-Epoch")).isEqualTo("7");
    }

    @Test
    void belowTheFirstKeptOffsetAPageStartsThere() {
        produceTo("t", 20);
        server.log
                .trim(new io.topicstream.log.TopicName("t"), 15)
                .toCompletableFuture()
                .join();

        HttpResponse<String> page = server.get("/topics/t/consume?offset=3&limit=2");

        assertThat(offsets(page)).containsExactly(15L, 16L);
        assertThat(next(page)).isEqualTo(17);
        assertThat(field(page, "Topic-First-Offset")).isEqualTo("15");
    }

    // ---- paths

    @ParameterizedTest
    @CsvSource({
        "'', (none)",
        "?offset=2&limit=5, (none)",
        "?offset=-5, (none)",
        "?offset=abc, offset",
        "?offset=&limit=3, offset",
        "?offset=1&limit=ten, limit",
        "?offset=9223372036854775808&limit=1.5, 'offset, limit'"
    })
    void aPageSaysWhichParametersWereReadAsTheirDefaults(String query, String ignored) {
        produceTo("t", 2);

        HttpResponse<String> page = server.get("/topics/t/consume" + query);

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(field(page, "Topic-Ignored")).isEqualTo(ignored);
    }

    @Test
    void theRootSaysThatTheServerWorks() {
        HttpResponse<String> json = server.get("/");
        HttpResponse<String> page = server.get("/", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8");

        assertThat(json.body())
                .isEqualTo("{\"name\":\"TopicStream\",\"version\":\"1.2.3\",\"ready\":\"/health/ready\","
                        + "\"api\":\"/openapi.yaml\",\"websocket\":\"/v1\"}");
        assertThat(field(json, "Content-Type")).isEqualTo("application/json");
        assertThat(page.body()).contains("TopicStream works", "1.2.3", "\"/openapi.yaml\"");
        assertThat(field(page, "Content-Type")).isEqualTo("text/html; charset=utf-8");
        assertThat(field(page, "Content-Security-Policy")).contains("default-src 'none'");
        assertThat(server.send("HEAD", "/", null).statusCode()).isEqualTo(200);
    }

    @Test
    void aServerThatStopsIsNotReadyButLive() {
        server.ready.set(false);

        HttpResponse<String> answer = server.get("/health/ready");

        assertThat(answer.statusCode()).isEqualTo(503);
        assertThat(field(answer, "Retry-After")).isEqualTo("1");
        assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "POST | /health | GET, HEAD, OPTIONS",
                "DELETE | /v1/openapi.yaml/ | GET, HEAD, OPTIONS",
                "PUT | /metrics | GET, HEAD",
                "PUT | /admin/keys | POST, GET, HEAD",
                "OPTIONS | /admin/keys | POST, GET, HEAD",
                "GET | /admin/keys/ada | DELETE"
            })
    void anotherMethodOnAKnownPathIsToldWhichThereAre(String method, String path, String allowed) {
        HttpResponse<String> answer = server.send(method, path, null);

        assertThat(answer.statusCode()).isEqualTo(405);
        assertThat(field(answer, "Allow")).isEqualTo(allowed);
        assertThat(field(answer, "Topic-Error")).isEqualTo("unknown_action");
    }

    @ParameterizedTest
    @CsvSource({"OPTIONS * HTTP/1.1", "OPTIONS / HTTP/1.1", "OPTIONS / HTTP/1.0", "OPTIONS * HTTP/1.0"})
    void aLoadBalancerThatAsksForOptionsIsAnswered(String line) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port)) {
            String host = line.endsWith("1.1") ? "Host: localhost\r\nConnection: close\r\n" : "";
            socket.getOutputStream().write((line + "\r\n" + host + "\r\n").getBytes(UTF_8));

            String answer = new String(socket.getInputStream().readAllBytes(), UTF_8);

            assertThat(answer).startsWith("HTTP/1.1 204 ").contains("\r\nAllow: GET, HEAD, POST");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1",
        "GET, /v1/",
        "GET, /v1/v1/health",
        "GET, /v/health",
        "GET, /V1/health",
        "GET, /vx/health",
        "GET, /Health",
        "GET, /topics/t",
        "GET, /topics/t/produce",
        "POST, /topics/t/consume",
        "DELETE, /topics/t/consume",
        "PUT, /topics/t/produce",
        "GET, /topics/a/b/consume",
        "GET, //topics/t/consume",
        "GET, /.git/config",
        "GET, /actuator",
        "GET, /..;/health",
        "GET, /admin",
        "OPTIONS, /nowhere"
    })
    void everythingElseIsNotFound(String method, String path) {
        HttpResponse<String> answer = server.send(method, path, null);

        assertThat(field(answer, "Link")).isEqualTo("</openapi.yaml>; rel=\"service-desc\"");

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).isEqualTo("{\"error\":\"not found\"}");
        assertThat(field(answer, "Topic-Error")).isEqualTo("not_found");
    }

    @Test
    void headIsGetWithoutTheBody() {
        HttpResponse<String> head = server.send("HEAD", "/health", null);

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(field(head, "Content-Length")).isEqualTo("15");
        assertThat(head.body()).isEmpty();
    }

    private void produceTo(String topic, int messages) {
        for (int i = 1; i <= messages; i++) {
            assertThat(server.produce(topic, "{\"payload\":" + i + "}").statusCode())
                    .isEqualTo(200);
        }
    }

    static String field(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("(none)");
    }

    static List<Long> offsets(HttpResponse<String> page) {
        return Pattern.compile("\"offset\":(\\d+)")
                .matcher(page.body())
                .results()
                .map(found -> Long.valueOf(found.group(1)))
                .toList();
    }

    static long next(HttpResponse<String> page) {
        Matcher found = Pattern.compile("\"next_offset\":(-?\\d+)}$").matcher(page.body());
        assertThat(found.find()).as(page.body()).isTrue();
        return Long.parseLong(found.group(1));
    }
}
