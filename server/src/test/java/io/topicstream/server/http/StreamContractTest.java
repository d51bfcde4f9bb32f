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
import org.junit.jupiter.params.provider.ValueSource;

/// The older contract, row by row: produce, consume, health, and what is wrong with a request.
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
    void offsetsCountFromOnePerTopic() {
        assertThat(server.produce("orders", "{\"payload\":{\"id\":1}}").body())
                .isEqualTo("{\"topic\":\"orders\",\"offset\":1}");
        assertThat(server.produce("orders", "{\"payload\":2}").body()).isEqualTo("{\"topic\":\"orders\",\"offset\":2}");
        HttpResponse<String> other = server.produce("other", "{\"payload\":3}");

        assertThat(other.statusCode()).isEqualTo(200);
        assertThat(other.body()).isEqualTo("{\"topic\":\"other\",\"offset\":1}");
        assertThat(other.headers().firstValue("content-type")).hasValue("application/json");
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

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "true",
                "0",
                "-1.5e+10",
                "\"text\"",
                "[]",
                "{}",
                "{\"a\":[1,2,{\"b\":null}]}",
                "\"ünïcödé 😀\"",
                "\"\\u0000\\ud800\"",
                "{\"a\":1,\"a\":2}",
                "1e999999999",
                "{ \"spaces\" :\t1 }"
            })
    void anyPayloadComesBackByteForByte(String payload) {
        HttpResponse<String> produced = server.produce("t", "{\"payload\":" + payload + "}");

        assertThat(produced.statusCode()).isEqualTo(200);
        assertThat(withoutTimes(server.get("/topics/t/consume").body()))
                .isEqualTo("{\"messages\":[{\"offset\":1,\"payload\":" + payload
                        + ",\"timestamp\":0}],\"next_offset\":2}");
    }

    @Test
    void lineBreaksBetweenTokensBecomeSpaces() {
        server.produce("t", "{\n\"payload\":\r\n{\"a\":\n 1,\r\n\"b\":\"x\\ny\"}\n}\n");

        assertThat(server.get("/topics/t/consume").body()).contains("\"payload\":{\"a\":  1,  \"b\":\"x\\ny\"},");
    }

    @Test
    void extraMembersAreIgnored() {
        assertThat(server.produce("t", "{\"key\":\"k\",\"payload\":1,\"offset\":99,\"x\":{\"payload\":2}}")
                        .body())
                .isEqualTo("{\"topic\":\"t\",\"offset\":1}");
        assertThat(server.get("/topics/t/consume").body()).contains("\"payload\":1,");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/json; charset=utf-8",
                "Application/JSON;charset=UTF-8",
                "application/cloudevents+json"
            })
    void jsonIsTakenUnderItsNames(String contentType) {
        assertThat(server.send(
                                "POST",
                                "/topics/t/produce",
                                "{\"payload\":1}".getBytes(UTF_8),
                                "Content-Type",
                                contentType)
                        .statusCode())
                .isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource({
        "payload=x, \"\"\"x\"\"\"",
        "payload=5, \"\"\"5\"\"\"",
        "payload=, \"\"\"\"\"\"",
        "payload, \"\"\"\"\"\"",
        "a=1&payload=a+b%20%22c%22&z=2, \"\"\"a b \\\"\"c\\\"\"\"\"\"",
        "payload=%C3%BC, \"\"\"ü\"\"\""
    })
    void aFormsPayloadIsAString(String form, String payload) {
        HttpResponse<String> produced = server.send(
                "POST", "/topics/t/produce", form.getBytes(UTF_8), "Content-Type", "application/x-www-form-urlencoded");

        assertThat(produced.body()).isEqualTo("{\"topic\":\"t\",\"offset\":1}");
        assertThat(server.get("/topics/t/consume").body()).contains("\"payload\":" + unquoted(payload) + ",");
    }

    private static String unquoted(String cell) {
        return cell.startsWith("\"\"") ? cell.substring(1, cell.length() - 1).replace("\"\"", "\"") : cell;
    }

    @Test
    void noBodyAndNoJsonIsAMissingBody() {
        byte[] json = "{\"payload\":1}".getBytes(UTF_8);
        List<HttpResponse<String>> answers = List.of(
                server.send("POST", "/topics/t/produce", new byte[0], "Content-Type", "application/json"),
                server.send("POST", "/topics/t/produce", json, "Content-Type", "text/plain"),
                server.send("POST", "/topics/t/produce", json, "Content-Type", "application/jsonp"),
                server.send("POST", "/topics/t/produce", json));

        assertThat(answers).allSatisfy(answer -> {
            assertThat(answer.statusCode()).isEqualTo(400);
            assertThat(answer.body()).isEqualTo("{\"error\":\"missing request body\"}");
            assertThat(field(answer, "Topic-Error")).isEqualTo("bad_frame");
            assertThat(field(answer, "Accept-Post")).isEqualTo("application/json, application/x-www-form-urlencoded");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                " ",
                "{\"payload\":",
                "{\"payload\":1}x",
                "{\"payload\":1}{\"payload\":2}",
                "[]",
                "null",
                "42",
                "\"x\"",
                "{'payload':1}",
                "{\"payload\":NaN}",
                "{\"payload\":1,}",
                "{/**/\"payload\":1}",
                "\uFEFF{\"payload\":1}",
                "{\"payload\":01}",
                "{\"payload\":\"\\x\"}",
                "{\"payload\":\"\n\"}",
                "{\"payload\":1,\"payload\":2}",
                "{\"payload\":1,\"a\":1,\"a\":2}",
                "{\"a\":\"\\ud800\",\"payload\":1}",
                "{\"payload\":[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]}"
            })
    void whatIsNoProduceIsInvalidJsonAndUsesUpNoOffset(String body) {
        HttpResponse<String> refused = server.produce("t", body);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body())
                .startsWith("{\"error\":\"invalid json: ")
                .endsWith("\"}")
                .doesNotContain("\n");
        assertThat(field(refused, "Topic-Error")).isEqualTo("bad_frame");
        assertThat(server.produce("t", "{\"payload\":1}").body()).isEqualTo("{\"topic\":\"t\",\"offset\":1}");
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
    void theTimestampIsTheServersAndNothingChangesAfterwards() {
        long beforeMs = System.currentTimeMillis();
        produceTo("t", 3);
        String first = server.get("/topics/t/consume").body();
        Matcher time = Pattern.compile("\"timestamp\":(\\d+)").matcher(first);

        assertThat(time.find()).isTrue();
        assertThat(Long.parseLong(time.group(1))).isBetween(beforeMs, System.currentTimeMillis());
        assertThat(server.get("/topics/t/consume").body()).isEqualTo(first);
    }

    @Test
    void pagingGoesOverEveryMessageOnce() {
        produceTo("t", 105);

        HttpResponse<String> first = server.get("/topics/t/consume?limit=100");
        HttpResponse<String> second = server.get("/topics/t/consume?limit=100&offset=" + next(first));
        HttpResponse<String> third = server.get("/topics/t/consume?limit=100&offset=" + next(second));

        assertThat(offsets(first)).hasSize(100).startsWith(1L).endsWith(100L);
        assertThat(offsets(second)).containsExactly(101L, 102L, 103L, 104L, 105L);
        assertThat(third.body()).isEqualTo("{\"messages\":[],\"next_offset\":106}");
    }

    @ParameterizedTest
    @CsvSource({
        "'', 10, 11",
        "?limit=3, 3, 4",
        "?limit=0, 0, 1",
        "?limit=-0, 0, 1",
        "?limit=101, 100, 101",
        "?limit=1000000000, 100, 101",
        "?limit=9223372036854775807, 100, 101",
        "?limit=9223372036854775808, 10, 11",
        "?limit=abc, 10, 11",
        "?limit=1.5, 10, 11",
        "?limit=, 10, 11",
        "?limit, 10, 11",
        "?limit=%D9%A3, 10, 11",
        "?limit=%2B5, 5, 6",
        "?limit=3&limit=7, 3, 4",
        "?offset=100&limit=3, 3, 103",
        "?offset=0&limit=3, 3, 4",
        "?offset=-5&limit=3, 3, 4",
        "?offset=-9223372036854775807&limit=3, 3, 4",
        "?offset=x&limit=3, 3, 4",
        "?offset=1.5&limit=3, 3, 4",
        "?offset=9223372036854775808&limit=3, 3, 4",
        "?offset=1e30&limit=3, 3, 4",
        "?offset=121, 0, 121",
        "?offset=5000000, 0, 5000000",
        "?offset=9223372036854775807, 0, 9223372036854775807",
        "?offset=50&limit=0, 0, 50",
        "?unknown=1&limit=1, 1, 2"
    })
    void parametersHaveTheirDefaultsAndBounds(String query, int messages, long next) {
        produceTo("t", 120);

        HttpResponse<String> page = server.get("/topics/t/consume" + query);

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(offsets(page)).hasSize(messages);
        assertThat(next(page)).isEqualTo(next);
    }

    @Test
    void aNegativeLimitIsRefused() {
        HttpResponse<String> refused = server.get("/topics/t/consume?limit=-1");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).isEqualTo("{\"error\":\"limit is 0 to 100\",\"code\":\"bad_frame\"}");
    }

    @ParameterizedTest
    @CsvSource({"'', 1", "?offset=77, 77", "?offset=0, 0", "?offset=-3, -3"})
    void anUnknownTopicIsAnEmptyPageAtTheAskedOffset(String query, long next) {
        HttpResponse<String> page = server.get("/topics/nobody.wrote.here/consume" + query);

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).isEqualTo("{\"messages\":[],\"next_offset\":" + next + "}");
        assertThat(field(page, "Topic-First-Offset")).isEqualTo("1");
        assertThat(field(page, "Topic-Next-Offset")).isEqualTo("1");
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

    @Test
    void aPageEndsAtOneMebibyteButNeverEmpty() {
        String payload = "\"" + "x".repeat(100_000) + "\"";
        for (int i = 0; i < 14; i++) {
            server.produce("t", "{\"payload\":" + payload + "}");
        }

        HttpResponse<String> page = server.get("/topics/t/consume?limit=100");

        assertThat(offsets(page)).hasSize(10);
        assertThat(next(page)).isEqualTo(11);
    }

    // ---- paths

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/v2", "/v1234567890"})
    void aLeadingVersionMakesNoDifference(String version) {
        assertThat(server.send(
                                "POST",
                                version + "/topics/t/produce",
                                "{\"payload\":1}".getBytes(UTF_8),
                                "Content-Type",
                                "application/json")
                        .body())
                .isEqualTo("{\"topic\":\"t\",\"offset\":1}");
        assertThat(next(server.get(version + "/topics/t/consume/"))).isEqualTo(2);
        assertThat(server.get(version + "/health/").body()).isEqualTo("{\"status\":\"ok\"}");
    }

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
    void everyKindOfHealthIsOk() {
        for (String path : List.of("/health", "/healthz", "/health/live", "/health/ready")) {
            assertThat(server.get(path).body()).isEqualTo("{\"status\":\"ok\"}");
            assertThat(server.get(path).statusCode()).isEqualTo(200);
        }
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

    private static String withoutTimes(String body) {
        return body.replaceAll("\"timestamp\":\\d+", "\"timestamp\":0");
    }
}
