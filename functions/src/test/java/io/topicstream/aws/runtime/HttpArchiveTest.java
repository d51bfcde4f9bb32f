package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.events.SinkRecord;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// The HTTP function, out of its archive.
class HttpArchiveTest extends ArchivedFunction {
    private static final Map<String, String> TASKS = Map.of("TOPICSTREAM_TASK_FUNCTION", "websocket:live");
    private static final String ADMIN_TOKEN = "an-administrators-token-of-32-bytes";

    HttpArchiveTest() {
        super("http", HttpHandler.class);
    }

    @Test
    void whatIsProducedIsConsumed() throws Exception {
        FunctionProcess function = start(FunctionProcess.PLAIN, TASKS);

        String produced = function.call(
                aws, HttpHandler.event("POST", "/topics/orders/produce", key, "{\"payload\":{\"item\":\"tea\"}}"));
        String consumed = function.call(aws, HttpHandler.event("GET", "/topics/orders/consume", key, ""));

        assertThat(produced).contains("\"statusCode\":200", "\\\"offset\\\":1");
        assertThat(consumed).contains("\"statusCode\":200", "tea");
        assertThat(logged("orders")).containsExactly("{\"item\":\"tea\"}");
    }

    @Test
    void whoShowsAWrongKeyIsRefused() throws Exception {
        FunctionProcess function = start(FunctionProcess.PLAIN, TASKS);

        assertThat(function.call(aws, HttpHandler.event("GET", "/topics", "ts_" + "1".repeat(40), "")))
                .contains("\"statusCode\":401");
    }

    @Test
    void aRestoredFunctionIsRightAtOnceAndItsRehearsalLeftNothing() throws Exception {
        FunctionProcess function = restored(TASKS);
        assertThat(function.said()).doesNotContain("rehearsed");
        assertThat(logged("rehearsal")).isEmpty();

        aws.restored.complete(null);

        assertThat(function.call(aws, HttpHandler.event("POST", "/topics/orders/produce", key, "{\"payload\":1}")))
                .contains("\"statusCode\":200");
        assertThat(logged("orders")).containsExactly("1");
    }

    @Test
    void howLongTheFirstCallTakes() throws Exception {
        printFirstCalls(
                "the answer to a produce",
                TASKS,
                HttpHandler.event("POST", "/topics/orders/produce", key, "{\"payload\":1}"),
                "\"statusCode\":200");
    }

    @Test
    void theAdministratorMakesASinkAndNobodyElse() throws Exception {
        Map<String, String> managed = managed();
        managed.put("TOPICSTREAM_EVENTS_PRIVATE_DESTINATIONS", "127.0.0.1");
        FunctionProcess function = start(FunctionProcess.PLAIN, managed);
        String sink = "{\"url\":\"http://127.0.0.1:9/hook\",\"topics\":[\"orders*\"],"
                + "\"rules\":[{\"data\":{\"payload\":{\"total\":[{\"numeric\":[\">\",5]}]}}}]}";

        assertThat(function.call(aws, HttpHandler.event("PUT", "/admin/sinks/hook", key, sink)))
                .contains("\"statusCode\":401");
        assertThat(function.call(aws, bearing(ADMIN_TOKEN + "x", "PUT", "/admin/sinks/hook", sink)))
                .contains("\"statusCode\":401");
        assertThat(engine.state()
                        .get(SinkRecord.SINKS, "hook")
                        .toCompletableFuture()
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isNull();

        assertThat(function.call(aws, bearing(ADMIN_TOKEN, "PUT", "/admin/sinks/hook", sink)))
                .contains("\"statusCode\":201", "whsec_");
        assertThat(function.call(
                        aws, bearing(ADMIN_TOKEN, "PUT", "/admin/sinks/far", sink.replace("127.0.0.1", "10.0.0.1"))))
                .contains("\"statusCode\":400", "its address is not public");
        assertThat(function.call(aws, bearing(ADMIN_TOKEN, "GET", "/admin/sinks", "")))
                .contains("\"statusCode\":200", "\\\"name\\\":\\\"hook\\\"")
                .doesNotContain("whsec_");
        assertThat(engine.state()
                        .get(SinkRecord.SINKS, "hook")
                        .toCompletableFuture()
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isNotNull();
        assertThat(function.call(aws, bearing(ADMIN_TOKEN, "DELETE", "/admin/sinks/hook", "")))
                .contains("\"statusCode\":200");
        assertThat(function.said()).doesNotContain(ADMIN_TOKEN);
    }

    private static Map<String, String> managed() throws NoSuchAlgorithmException {
        Map<String, String> managed = new HashMap<>(TASKS);
        managed.put(
                "TOPICSTREAM_ADMIN_TOKEN_SHA256",
                HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(ADMIN_TOKEN.getBytes(UTF_8))));
        return managed;
    }

    @Test
    void theAdministratorMakesKeysAndEndsThem() throws Exception {
        FunctionProcess function = start(FunctionProcess.PLAIN, managed());
        String message = "{\"payload\":1}";

        assertThat(function.call(aws, bearing(key, "POST", "/admin/keys", "{\"name\":\"meter\"}")))
                .contains("\"statusCode\":401");
        String made = function.call(aws, bearing(ADMIN_TOKEN, "POST", "/admin/keys", "{\"name\":\"meter\"}"));
        assertThat(made).contains("\"statusCode\":201");
        Matcher secret = Pattern.compile("ts_[0-9A-Za-z]{40}").matcher(made);
        assertThat(secret.find()).isTrue();
        byte[] produce = HttpHandler.event("POST", "/topics/orders/produce", secret.group(), message);
        assertThat(function.call(aws, produce)).contains("\"statusCode\":200");

        assertThat(function.call(aws, bearing(ADMIN_TOKEN, "PUT", "/admin/users/meter/block", "")))
                .contains("\"statusCode\":200");
        assertThat(function.call(aws, produce)).contains("\"statusCode\":403");
        assertThat(function.call(aws, bearing(ADMIN_TOKEN, "DELETE", "/admin/users/meter/block", "")))
                .contains("\"statusCode\":200");
        assertThat(function.call(aws, produce)).contains("\"statusCode\":200");

        assertThat(function.call(aws, bearing(ADMIN_TOKEN, "DELETE", "/admin/keys/meter", "")))
                .contains("\"statusCode\":200");
        assertThat(function.call(aws, produce)).contains("\"statusCode\":401");
    }

    private static byte[] bearing(String token, String method, String path, String body) {
        return new String(HttpHandler.event(method, path, "", body), UTF_8)
                .replace("\"" + Rehearsal.KEY_HEADER + "\":\"\"", "\"authorization\":\"Bearer " + token + "\"")
                .getBytes(UTF_8);
    }

    @Test
    void withoutAnAdministratorThereIsNothingForHim() throws Exception {
        FunctionProcess function = start(FunctionProcess.PLAIN, TASKS);

        for (String path : List.of("/admin/sinks", "/admin/keys", "/admin/users/blocked")) {
            assertThat(function.call(aws, bearing(ADMIN_TOKEN, "GET", path, "")))
                    .contains("\"statusCode\":404");
        }
    }

    @Test
    void aTokenInPlaceOfItsHashIsRefusedAndNotShown() throws Exception {
        Map<String, String> wrong = new HashMap<>(TASKS);
        wrong.put("TOPICSTREAM_ADMIN_TOKEN_SHA256", ADMIN_TOKEN);
        FunctionProcess function = start(FunctionProcess.PLAIN, wrong);

        assertThat(function.await(aws.initError))
                .contains("TOPICSTREAM_ADMIN_TOKEN_SHA256")
                .doesNotContain(ADMIN_TOKEN);
    }
}
