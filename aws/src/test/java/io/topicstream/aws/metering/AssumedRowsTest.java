package io.topicstream.aws.metering;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.cost.Assumption;
import io.topicstream.aws.dynamo.DynamoLog;
import io.topicstream.aws.dynamo.DynamoOptions;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// What an estimate takes for granted of rows is what the engine writes, and not less.
@Timeout(120)
class AssumedRowsTest {
    private static final TopicName TOPIC = new TopicName("rooms:first-floor");
    private static final String USER = "a.user@mail.example";
    private static final int BYTES = 100;

    private final DynamoTable table = Dynoxide.get().table();
    private final RecordingLane lane = RecordingLane.threaded("rows");
    private DynamoLog log;

    @BeforeEach
    void open() {
        log = DynamoLog.open(
                table, DynamoOptions.DEFAULTS.withLarge(LocalS3.get().objects()));
    }

    @AfterEach
    void close() {
        log.close();
        lane.close();
    }

    private void send(int count, int bytes) throws Exception {
        RecordingAppend.Builder messages = RecordingAppend.to(TOPIC);
        for (int i = 0; i < count; i++) {
            messages.message(
                    "\"" + "x".repeat(bytes - 2) + "\"", String.format("0190b6a1-%04d-7000-8000-%012d", count, i));
        }
        RecordingAppend append = messages.from(USER).on(lane);
        log.append(append);
        append.answer().get(30, TimeUnit.SECONDS);
    }

    private List<Long> sizes(String family) {
        return table
                .client()
                .scan(scan -> scan.tableName(table.name())
                        .filterExpression("begins_with(pk, :family)")
                        .expressionAttributeValues(Map.of(":family", AttributeValue.fromS(family)))
                        .consistentRead(true))
                .items()
                .stream()
                .map(ItemSize::of)
                .toList();
    }

    @Test
    void aRowOfTheLogIsAsLargeAsIsAssumed() throws Exception {
        send(1, BYTES);
        long one = sizes("L#").getFirst();
        send(21, BYTES);
        long many = sizes("L#").get(1);
        long eachMore = Math.ceilDiv(many - one, 20) - BYTES;

        assertThat(eachMore).isLessThanOrEqualTo(Assumption.ROW_MESSAGE_BYTES.value());
        assertThat(one - BYTES - eachMore).isLessThanOrEqualTo(Assumption.ROW_BYTES.value());
    }

    @Test
    void theOtherRowsAreToo() throws Exception {
        send(1, 50_000);

        assertThat(sizes("L#")).allMatch(bytes -> bytes <= Assumption.ROW_POINTER_BYTES.value());
        assertThat(sizes("I#")).allMatch(bytes -> bytes <= Assumption.ID_ROW_BYTES.value());
    }
}
