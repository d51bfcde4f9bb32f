package io.topicstream.server.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The contract of the older stream API, row by row: produce, consume, health, and what is wrong with a request.
public interface StreamScenarios {
    HttpClient HTTP = HttpClient.newHttpClient();

    Deployment deployment();

    private HttpResponse<String> send(String method, String path, byte[] body, String... fields) {
        HttpRequest.Builder request = HttpRequest.newBuilder(deployment().http().resolve(path))
                .version(HttpClient.Version.HTTP_1_1)
                .method(method, HttpRequest.BodyPublishers.ofByteArray(body));
        if (fields.length > 0) {
            request.headers(fields);
        }
        try {
            return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString(UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private HttpResponse<String> get(String path) {
        return send("GET", path, new byte[0]);
    }

    private HttpResponse<String> consume(String topic, String query) {
        return get("/topics/" + topic + "/consume" + query);
    }

    private HttpResponse<String> produce(String topic, String body) {
        return send("POST", "/topics/" + topic + "/produce", body.getBytes(UTF_8), "Content-Type", "application/json");
    }

    private static String produced(String topic, long offset) {
        return "{\"topic\":\"" + topic + "\",\"offset\":" + offset + "}";
    }

    private void produceTo(String topic, int messages) {
        for (int i = 1; i <= messages; i++) {
            assertThat(produce(topic, "{\"payload\":" + i + "}").body()).isEqualTo(produced(topic, i));
        }
    }

    private static String field(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("(none)");
    }

    private static List<Long> offsets(HttpResponse<String> page) {
        return Pattern.compile("\"offset\":(\\d+)")
                .matcher(page.body())
                .results()
                .map(found -> Long.valueOf(found.group(1)))
                .toList();
    }

    private static long next(HttpResponse<String> page) {
        Matcher found = Pattern.compile("\"next_offset\":(-?\\d+)}$").matcher(page.body());
        assertThat(found.find()).as(page.body()).isTrue();
        return Long.parseLong(found.group(1));
    }

    // ---- produce

    @Test
    default void offsetsCountFromOnePerTopic() {
        String orders = deployment().topic();
        String other = deployment().topic();

        assertThat(produce(orders, "{\"payload\":{\"id\":1}}").body()).isEqualTo(produced(orders, 1));
        HttpResponse<String> second = produce(orders, "{\"payload\":2}");
        assertThat(second.body()).isEqualTo(produced(orders, 2));
        assertThat(field(second, "Topic-First-Offset")).isEqualTo("1");
        assertThat(field(second, "Topic-Next-Offset")).isEqualTo("3");
        HttpResponse<String> third = produce(other, "{\"payload\":3}");
        assertThat(third.statusCode()).isEqualTo(200);
        assertThat(third.body()).isEqualTo(produced(other, 1));
        assertThat(third.headers().firstValue("content-type")).hasValue("application/json");
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
    default void anyPayloadComesBackByteForByte(String payload) {
        String topic = deployment().topic();

        assertThat(produce(topic, "{\"payload\":" + payload + "}").statusCode()).isEqualTo(200);

        assertThat(consume(topic, "").body().replaceAll("\"timestamp\":\\d+", "\"timestamp\":0"))
                .isEqualTo("{\"messages\":[{\"offset\":1,\"payload\":" + payload
                        + ",\"timestamp\":0}],\"next_offset\":2}");
    }

    @Test
    default void lineBreaksBetweenTokensBecomeSpaces() {
        String topic = deployment().topic();

        produce(topic, "{\n\"payload\":\r\n{\"a\":\n 1,\r\n\"b\":\"x\\ny\"}\n}\n");

        assertThat(consume(topic, "").body()).contains("\"payload\":{\"a\":  1,  \"b\":\"x\\ny\"},");
    }

    @Test
    default void extraMembersAreIgnored() {
        String topic = deployment().topic();

        assertThat(produce(topic, "{\"key\":\"k\",\"payload\":1,\"offset\":99,\"x\":{\"payload\":2}}")
                        .body())
                .isEqualTo(produced(topic, 1));
        assertThat(consume(topic, "").body()).contains("\"payload\":1,");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json",
                "application/json; charset=utf-8",
                "Application/JSON;charset=UTF-8",
                "application/cloudevents+json"
            })
    default void jsonIsTakenUnderItsNames(String contentType) {
        byte[] body = "{\"payload\":1}".getBytes(UTF_8);

        assertThat(send("POST", "/topics/" + deployment().topic() + "/produce", body, "Content-Type", contentType)
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
    default void aFormsPayloadIsAString(String form, String payload) {
        String topic = deployment().topic();
        HttpResponse<String> answer = send(
                "POST",
                "/topics/" + topic + "/produce",
                form.getBytes(UTF_8),
                "Content-Type",
                "application/x-www-form-urlencoded");

        assertThat(answer.body()).isEqualTo(produced(topic, 1));
        String json = payload.startsWith("\"\"")
                ? payload.substring(1, payload.length() - 1).replace("\"\"", "\"")
                : payload;
        assertThat(consume(topic, "").body()).contains("\"payload\":" + json + ",");
    }

    @Test
    default void noBodyAndNoJsonIsAMissingBody() {
        String path = "/topics/" + deployment().topic() + "/produce";
        byte[] json = "{\"payload\":1}".getBytes(UTF_8);
        List<HttpResponse<String>> answers = List.of(
                send("POST", path, new byte[0], "Content-Type", "application/json"),
                send("POST", path, json, "Content-Type", "text/plain"),
                send("POST", path, json, "Content-Type", "application/jsonp"),
                send("POST", path, json));

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
    default void whatIsNoProduceIsInvalidJsonAndUsesUpNoOffset(String body) {
        String topic = deployment().topic();

        HttpResponse<String> refused = produce(topic, body);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body())
                .startsWith("{\"error\":\"invalid json: ")
                .endsWith("\"}")
                .doesNotContain("\n");
        assertThat(field(refused, "Topic-Error")).isEqualTo("bad_frame");
        assertThat(produce(topic, "{\"payload\":1}").body()).isEqualTo(produced(topic, 1));
    }

    // ---- consume

    @Test
    default void consumeGivesTheFirstTenByDefault() {
        String topic = deployment().topic();
        produceTo(topic, 12);

        HttpResponse<String> page = consume(topic, "");

        assertThat(offsets(page)).containsExactly(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
        assertThat(next(page)).isEqualTo(11);
        assertThat(field(page, "Topic-First-Offset")).isEqualTo("1");
        assertThat(field(page, "Topic-Next-Offset")).isEqualTo("13");
    }

    @Test
    default void theTimestampIsTheServersAndNothingChangesAfterwards() {
        String topic = deployment().topic();
        long beforeMs = System.currentTimeMillis();
        produceTo(topic, 3);
        String first = consume(topic, "").body();
        Matcher time = Pattern.compile("\"timestamp\":(\\d+)").matcher(first);

        assertThat(time.find()).isTrue();
        assertThat(Long.parseLong(time.group(1))).isBetween(beforeMs, System.currentTimeMillis());
        assertThat(consume(topic, "").body()).isEqualTo(first);
    }

    @Test
    default void pagingGoesOverEveryMessageOnce() {
        String topic = deployment().topic();
        produceTo(topic, 105);

        HttpResponse<String> first = consume(topic, "?limit=100");
        HttpResponse<String> second = consume(topic, "?limit=100&offset=" + next(first));
        HttpResponse<String> third = consume(topic, "?limit=100&offset=" + next(second));

        assertThat(offsets(first))
                .isEqualTo(LongStream.rangeClosed(1, 100).boxed().toList());
        assertThat(offsets(second)).containsExactly(101L, 102L, 103L, 104L, 105L);
        assertThat(third.body()).isEqualTo("{\"messages\":[],\"next_offset\":106}");
    }

    @Test
    default void parametersHaveTheirDefaultsAndBounds() {
        String topic = deployment().topic();
        produceTo(topic, 120);
        List<String> rows = List.of(
                " 10 11",
                "?limit=3 3 4",
                "?limit=0 0 1",
                "?limit=-0 0 1",
                "?limit=101 100 101",
                "?limit=1000000000 100 101",
                "?limit=9223372036854775807 100 101",
                "?limit=9223372036854775808 10 11",
                "?limit=abc 10 11",
                "?limit=1.5 10 11",
                "?limit= 10 11",
                "?limit 10 11",
                "?limit=%D9%A3 10 11",
                "?limit=%2B5 5 6",
                "?limit=3&limit=7 3 4",
                "?offset=100&limit=3 3 103",
                "?offset=0&limit=3 3 4",
                "?offset=-5&limit=3 3 4",
                "?offset=-9223372036854775807&limit=3 3 4",
                "?offset=x&limit=3 3 4",
                "?offset=1.5&limit=3 3 4",
                "?offset=9223372036854775808&limit=3 3 4",
                "?offset=1e30&limit=3 3 4",
                "?offset=121 0 121",
                "?offset=5000000 0 5000000",
                "?offset=9223372036854775807 0 9223372036854775807",
                "?offset=50&limit=0 0 50",
                "?unknown=1&limit=1 1 2");
        for (String row : rows) {
            String[] cells = row.split(" ", -1);

            HttpResponse<String> page = consume(topic, cells[0]);

            assertThat(page.statusCode()).as(row).isEqualTo(200);
            assertThat(offsets(page)).as(row).hasSize(Integer.parseInt(cells[1]));
            assertThat(next(page)).as(row).isEqualTo(Long.parseLong(cells[2]));
        }
    }

    @Test
    default void aNegativeLimitIsRefused() {
        HttpResponse<String> refused = consume(deployment().topic(), "?limit=-1");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).isEqualTo("{\"error\":\"limit is 0 to 100\",\"code\":\"bad_frame\"}");
    }

    @ParameterizedTest
    @CsvSource({"'', 1", "?offset=77, 77", "?offset=0, 0", "?offset=-3, -3"})
    default void anUnknownTopicIsAnEmptyPageAtTheAskedOffset(String query, long next) {
        HttpResponse<String> page = consume(deployment().topic(), query);

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).isEqualTo("{\"messages\":[],\"next_offset\":" + next + "}");
        assertThat(field(page, "Topic-First-Offset")).isEqualTo("1");
        assertThat(field(page, "Topic-Next-Offset")).isEqualTo("1");
    }

    @Test
    default void aPageEndsAtOneMebibyteButNeverEmpty() {
        String topic = deployment().topic();
        String payload = "\"" + "x".repeat(100_000) + "\"";
        for (int i = 0; i < 14; i++) {
            assertThat(produce(topic, "{\"payload\":" + payload + "}").statusCode())
                    .isEqualTo(200);
        }

        HttpResponse<String> page = consume(topic, "?limit=100");

        assertThat(offsets(page)).hasSize(10);
        assertThat(next(page)).isEqualTo(11);
    }

    // ---- paths

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/v2", "/v1234567890"})
    default void aLeadingVersionMakesNoDifference(String version) {
        String path = version + "/topics/" + deployment().topic();

        assertThat(send(
                                "POST",
                                path + "/produce",
                                "{\"payload\":1}".getBytes(UTF_8),
                                "Content-Type",
                                "application/json")
                        .body())
                .endsWith("\"offset\":1}");
        assertThat(next(get(path + "/consume/"))).isEqualTo(2);
        assertThat(get(version + "/health/").body()).isEqualTo("{\"status\":\"ok\"}");
    }

    @Test
    default void everyKindOfHealthIsOk() {
        for (String path : List.of("/health", "/healthz", "/health/live", "/health/ready")) {
            assertThat(get(path).statusCode()).as(path).isEqualTo(200);
            assertThat(get(path).body()).as(path).isEqualTo("{\"status\":\"ok\"}");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /v1/v1/health",
        "GET, /v/health",
        "GET, /Health",
        "GET, /topics/t",
        "GET, /topics/t/produce",
        "POST, /topics/t/consume",
        "DELETE, /topics/t/consume",
        "PUT, /topics/t/produce",
        "GET, /topics/a/b/consume",
        "GET, /.git/config",
        "OPTIONS, /nowhere"
    })
    default void everythingElseIsNotFound(String method, String path) {
        HttpResponse<String> answer = send(method, path, new byte[0]);

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(answer.body()).isEqualTo("{\"error\":\"not found\"}");
        assertThat(field(answer, "Topic-Error")).isEqualTo("not_found");
    }

    @Test
    default void aPageOfThisMachineMayAskBeforeAndReadAfterwards() {
        String path = "/topics/" + deployment().topic();
        String[] origin = {"Origin", "http://localhost:3000"};
        List<String> asked = new ArrayList<>(List.of(origin));
        asked.addAll(
                List.of("Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "content-type"));

        HttpResponse<String> preflight = send("OPTIONS", path + "/produce", new byte[0], asked.toArray(String[]::new));
        HttpResponse<String> page = send("GET", path + "/consume", new byte[0], origin);

        assertThat(preflight.statusCode()).isEqualTo(204);
        assertThat(field(preflight, "Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(field(preflight, "Access-Control-Allow-Methods")).contains("POST");
        assertThat(field(preflight, "Access-Control-Allow-Headers")).containsIgnoringCase("content-type");
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(field(page, "Access-Control-Allow-Origin")).isEqualTo("*");
    }

    // ---- the chat system's messages

    @Test
    default void theTwentyNewestMessagesOfTheChatAreReadNewestFirst() {
        String word = deployment().topic();
        for (int i = 1; i <= 21; i++) {
            assertThat(produce("room:lobby", "{\"payload\":{\"text\":\"" + word + " " + i + "\"}}")
                            .statusCode())
                    .isEqualTo(200);
        }

        HttpResponse<String> answer = get("/chat/last-messages");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(field(answer, "Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.body()).startsWith("{\"messages\":[{\"id\":\"").endsWith("\"}]}");
        Matcher message = Pattern.compile("\\{\"id\":\"[^\"]+\",\"sender\":\"[^\"]*\",\"connectionId\":\"[^\"]*\","
                        + "\"content\":\"" + word + " (\\d+)\",\"createdAt\":\"[0-9T:.-]+Z\"\\}")
                .matcher(answer.body());
        assertThat(message.results().map(found -> Integer.valueOf(found.group(1))))
                .isEqualTo(IntStream.iterate(21, i -> i - 1).limit(20).boxed().toList());
    }
}
