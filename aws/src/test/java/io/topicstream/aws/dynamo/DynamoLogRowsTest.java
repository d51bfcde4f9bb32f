package io.topicstream.aws.dynamo;

import static io.topicstream.testkit.RecordingAppend.to;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Details;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicName;
import io.topicstream.row.BadRowException;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// What stands in the table, and what no longer does.
@Timeout(120)
class DynamoLogRowsTest {
    private static final TopicName TOPIC = new TopicName("room:1");

    private final ManualClock clock = new ManualClock();
    private DynamoTable table;
    private DynamoLog log;
    private RecordingLane lane;

    @BeforeEach
    void begin() {
        table = Dynoxide.get().table();
        log = DynamoLog.open(table, DynamoOptions.DEFAULTS.withClock(clock));
        lane = RecordingLane.threaded("rows");
    }

    @AfterEach
    void end() {
        log.close();
        lane.close();
    }

    private void store(RecordingAppend append) throws Exception {
        log.append(append);
        assertThat(append.answer().get(30, TimeUnit.SECONDS)).isInstanceOf(AppendResult.Appended.class);
    }

    private List<Map<String, AttributeValue>> rows() {
        return table.client().scanPaginator(scan -> scan.tableName(table.name()).consistentRead(true)).items().stream()
                .toList();
    }

    private Map<String, AttributeValue> slot(long first) {
        return table.client()
                .getItem(get -> get.tableName(table.name())
                        .key(Slot.key(TOPIC.value(), first))
                        .consistentRead(true))
                .item();
    }

    private boolean hasText(String text) {
        return rows().stream()
                .flatMap(row -> row.values().stream())
                .anyMatch(value -> value.toString().contains(text)
                        || (value.b() != null
                                && new String(value.b().asByteArray(), StandardCharsets.ISO_8859_1).contains(text)));
    }

    @Test
    void nothingIsLeftOfWhatEndedButItsIdForADay() throws Exception {
        for (int i = 1; i <= 5; i++) {
            store(to(TOPIC)
                    .from("ann")
                    .message("\"secret " + i + "\"", "id-" + i)
                    .on(lane));
        }

        log.trim(TOPIC, 6).toCompletableFuture().get(30, TimeUnit.SECONDS);

        await().atMost(Duration.ofSeconds(30)).until(() -> !hasText("secret"));
        long day = clock.millis() / 1000 + Duration.ofHours(24).toSeconds();
        for (int i = 1; i <= 4; i++) {
            assertThat(Slot.number(slot(i), DynamoTable.EXPIRES)).isGreaterThanOrEqualTo(day);
        }
        assertThat(slot(5))
                .as("the newest one stays, or its slot would look free")
                .doesNotContainKey(DynamoTable.EXPIRES);

        store(to(TOPIC).message("6").on(lane));
        await().atMost(Duration.ofSeconds(30)).until(() -> slot(5).containsKey(DynamoTable.EXPIRES));
        assertThat(slot(6)).doesNotContainKey(DynamoTable.EXPIRES);
    }

    @Test
    void anAuthorWhoIsForgottenIsNowhere() throws Exception {
        store(to(TOPIC)
                .from("ann-who-leaves")
                .message("\"secret\"", "id-of-ann")
                .message("\"more\"", "other-id-of-ann")
                .on(lane));

        log.redact(TOPIC, new Redaction(List.of(1L, 2L), "ann-who-leaves"))
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);

        assertThat(hasText("secret")).isFalse();
        assertThat(hasText("more")).isFalse();
        assertThat(hasText("ann")).isFalse();
    }

    @Test
    void anAppendIsOneRowAndWithAnIdTwo() throws Exception {
        store(to(TOPIC).message("1").message("2").on(lane));
        assertThat(rows()).as("epoch, name, batch").hasSize(3);

        store(to(TOPIC).message("3", "id").on(lane));

        assertThat(rows()).hasSize(5);
        assertThat(slot(3)).containsEntry(Slot.COUNT, Slot.number(1));
    }

    @Test
    void aRowThatIsDamagedOrMissingIsSaid() throws Exception {
        for (int i = 1; i <= 4; i++) {
            store(to(TOPIC).message(Integer.toString(i)).on(lane));
        }
        table.client().deleteItem(delete -> delete.tableName(table.name()).key(Slot.key(TOPIC.value(), 2)));

        assertThatThrownBy(() -> log.read(TOPIC, 1, Direction.FORWARD, 10, 1_000)
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS))
                .hasMessageContaining("message 2 is missing");
        assertThatThrownBy(() -> log.read(TOPIC, 4, Direction.BACKWARD, 10, 1_000)
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS))
                .hasMessageContaining("message 2 is missing");
    }

    private void makeNewer(Map<String, AttributeValue> key) {
        table.client()
                .updateItem(update -> update.tableName(table.name())
                        .key(key)
                        .updateExpression("SET u = :u")
                        .expressionAttributeValues(Map.of(":u", Slot.number(2))));
    }

    @Test
    void rowsOfANewerFormatAreRefused() throws Exception {
        store(to(TOPIC).message("1").on(lane));
        store(to(TOPIC).message("2").on(lane));
        makeNewer(Slot.key(TOPIC.value(), 1));
        assertThatThrownBy(() -> log.read(TOPIC, 1, Direction.FORWARD, 10, 1_000)
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS))
                .hasMessageContaining("format version 2");

        log.redact(TOPIC, Redaction.of(2)).toCompletableFuture().get(30, TimeUnit.SECONDS);
        makeNewer(Map.of(DynamoTable.PK, Slot.text(Slot.pk(TOPIC.value())), DynamoTable.SK, Slot.text(Slot.HEAD)));
        assertThatThrownBy(() -> log.extent(TOPIC).toCompletableFuture().get(30, TimeUnit.SECONDS))
                .hasMessageContaining("format version 2");
    }

    // ---- values

    private BatchValue value() {
        Details details = new Details(
                Message.Kind.BYTES, "a/b", Headers.of(Map.of("h", "v")).with(Headers.NAME, "Ann"), "k", "c-1", "tag");
        Append one = to(TOPIC)
                .from("ann")
                .draft(new Draft(new byte[] {1, 2}, "id-1", details))
                .message("\"ü\"")
                .on(lane);
        Append other = to(TOPIC).message("3").on(lane);
        return BatchValue.of(List.of(one, other), 7, 99);
    }

    private static Slot slotOf(BatchValue value) {
        return new Slot(7, value.messages().size(), 5, 99, 1, new byte[16], null, null, null, 0, false);
    }

    @Test
    void aValueIsReadAsItWasWritten() {
        BatchValue value = value();

        BatchValue read = BatchValue.of(slotOf(value), value.toBytes());

        assertThat(read.messages()).isEqualTo(value.messages());
        assertThat(read.parts()).isEqualTo(value.parts());
        BatchValue back = value.redacted(List.of(1), false);
        BatchValue backRead = BatchValue.of(slotOf(value), back.toBytes());
        assertThat(backRead.messages().get(1).kind()).isEqualTo(Message.Kind.REDACTED);
        String scope = value.parts().getFirst().scope();
        assertThat(backRead.known(slotOf(value), scope, "id-1").hash())
                .as("what the id stood for")
                .isEqualTo(value.known(slotOf(value), scope, "id-1").hash());
        assertThat(backRead.known(slotOf(value), scope, "id-1").count()).isEqualTo(2);
        assertThat(value.known(slotOf(value), "another scope", "id-1")).isNull();
        assertThat(value.known(slotOf(value), scope, "id-2")).isNull();
    }

    @Test
    void aValueThatIsCutShortOrChangedInItsFormIsRefused() {
        BatchValue value = value();
        byte[] bytes = value.toBytes();
        Slot slot = slotOf(value);

        IntStream.range(0, bytes.length)
                .forEach(length -> assertThatThrownBy(() -> BatchValue.of(slot, Arrays.copyOf(bytes, length)))
                        .isInstanceOf(BadRowException.class)
                        .hasMessageContaining("offset 7"));
        assertThatThrownBy(() -> BatchValue.of(slot, Arrays.copyOf(bytes, bytes.length + 1)))
                .isInstanceOf(BadRowException.class)
                .hasMessageContaining("follows");
        byte[] newer = bytes.clone();
        newer[0] = 3;
        assertThatThrownBy(() -> BatchValue.of(slot, newer)).hasMessageContaining("format version 3");
    }
}
