package io.topicstream.aws.dynamo;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult;
import io.topicstream.log.Direction;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// How many calls of DynamoDB an operation is: as the documents say, and no more after a change.
@Timeout(120)
class DynamoLogCallsTest {
    private static final TopicName TOPIC = new TopicName("room:1");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ([^|]+) \\| ([0-9]+) \\|");

    private final DynamoFaults calls = DynamoFaults.planned();
    private final RecordingLane lane = RecordingLane.threaded("calls");

    private interface Step {
        void take() throws Exception;
    }

    private int count(Step step) throws Exception {
        int before = calls.tries();
        step.take();
        return calls.tries() - before;
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private AppendResult send(DynamoLog log, RecordingAppend.Builder message) throws Exception {
        RecordingAppend append = message.from("ann").on(lane);
        log.append(append);
        return get(append.answer());
    }

    private Map<String, Integer> measured() throws Exception {
        DynamoTable table = Dynoxide.get().table(calls);
        Map<String, Integer> found = new LinkedHashMap<>();
        try (DynamoLog log = DynamoLog.open(table, DynamoOptions.DEFAULTS)) {
            found.put(
                    "the first message of a topic",
                    count(() -> send(log, RecordingAppend.to(TOPIC).message("1"))));
            found.put(
                    "a message", count(() -> send(log, RecordingAppend.to(TOPIC).message("2"))));
            found.put("a hundred messages at once", count(() -> {
                RecordingAppend.Builder many = RecordingAppend.to(TOPIC);
                for (int i = 0; i < 100; i++) {
                    many.message("3");
                }
                send(log, many);
            }));
            found.put(
                    "a message with a `message_id`",
                    count(() -> send(log, RecordingAppend.to(TOPIC).message("4", "id"))));
            found.put(
                    "the same once more",
                    count(() -> send(log, RecordingAppend.to(TOPIC).message("4", "id"))));
            found.put(
                    "an expected offset that is another one",
                    count(() -> send(log, RecordingAppend.to(TOPIC).message("5").expecting(1))));
            found.put("where a topic stands", count(() -> get(log.extent(TOPIC))));
            found.put(
                    "a page of the newest messages",
                    count(() -> get(log.read(TOPIC, Long.MAX_VALUE, Direction.BACKWARD, 50, 1 << 20))));
            found.put("a page from an offset on", count(() -> get(log.read(TOPIC, 2, Direction.FORWARD, 50, 1 << 20))));
            found.put("a message that is taken back", count(() -> get(log.redact(TOPIC, Redaction.of(1)))));
        } finally {
            table.client().close();
            lane.close();
        }
        return found;
    }

    @Test
    void anOperationIsAsManyCallsAsTheDocumentsSay() throws Exception {
        assertThat(measured()).isEqualTo(documented());
    }

    private static Map<String, Integer> documented() throws IOException {
        String page = Files.readString(Path.of("../docs/aws.md"));
        int calls = page.indexOf("### Calls");
        Matcher rows = ROW.matcher(page.substring(calls, page.indexOf("\n## ", calls)));
        Map<String, Integer> found = new LinkedHashMap<>();
        while (rows.find()) {
            found.put(rows.group(1).trim(), Integer.parseInt(rows.group(2)));
        }
        return found;
    }
}
