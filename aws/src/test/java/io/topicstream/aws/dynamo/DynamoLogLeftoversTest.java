package io.topicstream.aws.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.aws.dynamo.DynamoFaults.Fault;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.aws.s3.Objects;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Redaction;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What others left who died, or is in the way of others.
@Timeout(120)
class DynamoLogLeftoversTest {
    private static final TopicName TOPIC = new TopicName("room:1");

    private final DynamoFaults faults = DynamoFaults.planned();
    private final DynamoTable table = Dynoxide.get().table(faults);
    private final DynamoTable calm = new DynamoTable(Dynoxide.get().client(), table.name());
    private final Objects bucket = LocalS3.get().objects();
    private final DynamoOptions options =
            DynamoOptions.DEFAULTS.withLarge(bucket).withInlineBytes(500);
    private final DynamoLog log = DynamoLog.open(table, options);
    private final LogRows rows = new LogRows(calm, options);
    private final RecordingLane lane = RecordingLane.threaded("leftovers");

    @AfterEach
    void end() {
        log.close();
        lane.close();
        table.client().close();
    }

    private static <T> T get(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private RecordingAppend send(DynamoLog to, RecordingAppend.Builder message) {
        RecordingAppend append = message.on(lane);
        to.append(append);
        return append;
    }

    private List<String> objects() {
        return bucket.list("batches/", "", 100).stream()
                .map(listed -> bucket.get(listed.key()))
                // Another one may have deleted it since it was listed.
                .filter(stored -> stored != null)
                .map(stored -> new String(stored.bytes(), StandardCharsets.ISO_8859_1))
                .toList();
    }

    /// One that stays as large is written later than small ones, and would lose for ever.
    @Test
    void aBatchThatLosesAgainAndAgainBecomesSmaller() throws Exception {
        get(send(log, RecordingAppend.to(TOPIC).message("1")).answer());
        List<RecordingAppend> many = new ArrayList<>();
        try (DynamoLog other = DynamoLog.open(calm, options)) {
            Runnable compete = () -> {
                try {
                    get(send(other, RecordingAppend.to(TOPIC).message("\"other\""))
                            .answer());
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            };
            faults.next(Fault.NONE, () -> {
                for (int i = 0; i < 8; i++) {
                    many.add(send(log, RecordingAppend.to(TOPIC).message("\"" + i + "\"")));
                }
                compete.run();
            });
            for (int i = 0; i < 20; i++) {
                faults.next(Fault.NONE, compete);
            }

            get(send(log, RecordingAppend.to(TOPIC).message("2")).answer());

            await().atMost(Duration.ofSeconds(60)).until(() -> many.size() == 8);
            long before = 0;
            for (RecordingAppend one : many) {
                AppendResult result = get(one.answer());
                assertThat(result).isInstanceOf(Appended.class);
                assertThat(((Appended) result).firstOffset()).isGreaterThan(before);
                before = ((Appended) result).firstOffset();
            }
        }
        long first = ((Appended) get(many.getFirst().answer())).firstOffset();
        Slot batch = rows.at(TOPIC.value(), first);
        assertThat(batch).isNotNull();
        assertThat(batch.count()).isBetween(1, 4);
    }

    @Test
    void anAppendThatCannotBeTakenUpStandsInNoOthersWay() throws Exception {
        // It has an id, and no scope: nobody should send it.
        RecordingAppend wrong =
                send(log, RecordingAppend.to(TOPIC).idScope(null).message("1", "id"));
        RecordingAppend right = send(log, RecordingAppend.to(TOPIC).message("2"));

        assertThat(get(wrong.answer())).isInstanceOf(AppendResult.Unavailable.class);
        assertThat(get(right.answer())).isInstanceOf(Appended.class);
    }

    @Test
    void anObjectThatAnotherOneLeftIsDeletedByWhoWritesTheRowNext() throws Exception {
        get(send(log, RecordingAppend.to(TOPIC).message("\"secret" + "x".repeat(1_000) + "\""))
                .answer());
        LogRows.Held held = rows.held(TOPIC.value(), 1);
        byte[] value = held.value().redacted(List.of(0), false).toBytes();
        String key = held.slot().elsewhere();
        byte[] object = bucket.get(key).bytes();
        assertThat(rows.rewrite(TOPIC.value(), held.slot(), value, false, Long.MAX_VALUE))
                .isTrue();
        // As if it had died before it deleted it.
        bucket.putIfAbsent(key, object, "application/octet-stream", Map.of());
        assertThat(objects()).anyMatch(text -> text.contains("secret"));

        assertThat(get(log.redact(TOPIC, Redaction.of(1)))).containsExactly(1L);

        assertThat(objects()).noneMatch(text -> text.contains("secret"));
    }

    @Test
    void whatHasEndedIsCleanedUpByAnyProcess() throws Exception {
        for (int i = 1; i <= 4; i++) {
            get(send(log, RecordingAppend.to(TOPIC).message("\"secret" + "x".repeat(1_000) + "\""))
                    .answer());
        }
        View view = rows.view(TOPIC.value());
        // As somebody who dies then.
        assertThat(rows.moveFirst(TOPIC.value(), view, view.from(4, 1, 0))).isTrue();

        assertThat(get(log.extent(TOPIC)).firstOffset()).isEqualTo(4);

        await().atMost(Duration.ofSeconds(30))
                .until(() -> objects().stream()
                                .filter(text -> text.contains("secret"))
                                .count()
                        == 1);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> rows.view(TOPIC.value()).head().cleaned() == 4);
    }

    @Test
    void whereOneOfManyFailsTheRestIsNotBegun() {
        AtomicInteger begun = new AtomicInteger();

        assertThatThrownBy(() -> LogParts.forEach(10_000, index -> {
                    begun.incrementAndGet();
                    throw new IllegalStateException("it fails");
                }))
                .hasMessageContaining("it fails");

        assertThat(begun.get()).isLessThan(10_000);
    }
}
