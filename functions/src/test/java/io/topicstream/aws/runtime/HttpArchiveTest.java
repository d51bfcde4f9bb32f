package io.topicstream.aws.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/// The HTTP function, out of its archive.
class HttpArchiveTest extends ArchivedFunction {
    private static final Map<String, String> TASKS = Map.of("TOPICSTREAM_TASK_FUNCTION", "websocket:live");

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
}
