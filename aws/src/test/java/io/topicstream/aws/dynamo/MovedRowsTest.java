package io.topicstream.aws.dynamo;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.events.RecordedStream;
import io.topicstream.aws.s3.LocalS3;
import io.topicstream.aws.s3.Objects;
import io.topicstream.log.AppendResult;
import io.topicstream.log.ContentHash;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.migration.CopiedBatch;
import io.topicstream.migration.KnownId;
import io.topicstream.migration.MigrationException;
import io.topicstream.migration.StoreImport;
import io.topicstream.migration.TopicStand;
import io.topicstream.row.ContentHash64;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The rows and objects that come out of another engine.
@Timeout(120)
class MovedRowsTest {
    private static final TopicName TALK = new TopicName("talk");
    private static final long EPOCH = 1_000;

    private final ManualClock clock = new ManualClock();
    private final DynamoTable table = Dynoxide.get().table();

    private static Message message(long offset, long timestamp) {
        return new Message(
                offset, timestamp, "ann", "id-" + offset, Long.toString(offset).getBytes(UTF_8), null);
    }

    private static void fill(StoreImport into, TopicStand stand, List<CopiedBatch> batches) {
        StoreImport.TopicImport topic = into.topic(stand);
        batches.forEach(topic::put);
        topic.end();
        into.finishedUpTo(stand);
    }

    private static TopicStand stand(long next, long lastMs) {
        return new TopicStand(TALK, 1, next, 0, lastMs);
    }

    @Test
    void noEventTellsOfThem() throws Exception {
        RecordedStream stream = new RecordedStream(table);
        try (DynamoImport into = new DynamoImport(table, DynamoOptions.DEFAULTS.withClock(clock))) {
            into.begin("somewhere", EPOCH, clock.millis());
            fill(into, stand(2, 5), List.of(new CopiedBatch(EPOCH, List.of(message(1, 5)), List.of())));
            into.finish(1);
        }

        List<StreamRecord> moved = StreamRecord.of(RecordedStream.event(stream.changes(clock.millis())));

        assertThat(moved).allMatch(record -> record.batch() == null).anyMatch(record -> TALK.equals(record.grown()));
        try (DynamoLog log = DynamoLog.open(table, DynamoOptions.DEFAULTS.withClock(clock));
                RecordingLane lane = RecordingLane.threaded("moved")) {
            RecordingAppend next = RecordingAppend.to(TALK).message("2").on(lane);
            log.append(next);
            assertThat(next.answer().get(30, TimeUnit.SECONDS)).isInstanceOf(AppendResult.Appended.class);
        }
        assertThat(StreamRecord.of(RecordedStream.event(stream.changes(clock.millis()))))
                .extracting(StreamRecord::batch)
                .filteredOn(batch -> batch != null)
                .extracting(StreamRecord.Batch::first)
                .containsExactly(2L);
    }

    @Test
    void whatIsOldStandsInSegmentsAtOnce() throws Exception {
        Objects bucket = LocalS3.get().objects();
        DynamoOptions options =
                DynamoOptions.DEFAULTS.withClock(clock).withLarge(bucket).withArchive(bucket);
        long oldMs = clock.millis() - Duration.ofHours(25).toMillis();
        List<CopiedBatch> batches = IntStream.rangeClosed(1, 1_205)
                .mapToObj(offset -> new CopiedBatch(
                        EPOCH, List.of(message(offset, offset <= 1_200 ? oldMs : clock.millis())), List.of()))
                .toList();
        try (DynamoImport into = new DynamoImport(table, options)) {
            into.begin("somewhere", EPOCH, clock.millis());
            fill(into, stand(1_206, clock.millis()), batches);
            into.finish(1);
        }

        LogRows rows = new LogRows(table, options);
        assertThat(rows.view("talk").archived()).isEqualTo(1_201);
        assertThat(rows.from("talk", 1, 100).slots()).hasSize(5);
        assertThat(bucket.list("topics/", "", 10)).hasSize(2);
        try (DynamoLog log = DynamoLog.open(table, options)) {
            assertThat(log.read(TALK, 999, Direction.FORWARD, 300, Integer.MAX_VALUE)
                            .toCompletableFuture()
                            .get(30, TimeUnit.SECONDS)
                            .messages())
                    .hasSize(207)
                    .last()
                    .isEqualTo(message(1_205, clock.millis()));
        }
    }

    @Test
    void whatCannotStandInASegmentStaysInRowsWithAllThatFollows() throws Exception {
        Objects bucket = LocalS3.get().objects();
        DynamoOptions options =
                DynamoOptions.DEFAULTS.withClock(clock).withLarge(bucket).withArchive(bucket);
        long oldMs = clock.millis() - Duration.ofHours(25).toMillis();
        Message noJson = new Message(1_500, oldMs, null, null, new byte[] {'{'}, null);
        List<CopiedBatch> batches = IntStream.rangeClosed(1, 2_100)
                .mapToObj(offset ->
                        new CopiedBatch(EPOCH, List.of(offset == 1_500 ? noJson : message(offset, oldMs)), List.of()))
                .toList();
        try (DynamoImport into = new DynamoImport(table, options)) {
            into.begin("somewhere", EPOCH, clock.millis());
            fill(into, stand(2_101, oldMs), batches);
            into.finish(1);
        }

        LogRows rows = new LogRows(table, options);
        assertThat(rows.view("talk").archived()).isEqualTo(1_001);
        assertThat(bucket.list("topics/", "", 10)).hasSize(1);
        try (DynamoLog log = DynamoLog.open(table, options)) {
            List<Message> read = log.read(TALK, 1, Direction.FORWARD, 3_000, Integer.MAX_VALUE)
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS)
                    .messages();
            assertThat(read).hasSize(2_100).contains(noJson);
        }
    }

    @Test
    void aHashOfAnotherEngineIsComparedAsThatOneDoes() {
        List<Draft> said = List.of(new Draft("1".getBytes(UTF_8), "id-1", null));
        List<Draft> other = List.of(new Draft("2".getBytes(UTF_8), "id-1", null));
        String shortHash = HexFormat.of().toHexDigits(ContentHash64.of(said, 0, 1));
        String longHash = HexFormat.of().formatHex(ContentHash.of(said, 0, 1));
        Slot slot = MovedRows.slot(1, 2, EPOCH, 5, 0);
        List<Message> messages = List.of(message(1, 5), message(2, 5));
        for (String hash : List.of(shortHash, longHash)) {
            KnownId id = new KnownId(1, EPOCH, 5, 1, hash, "u:ann", "id-1");

            byte[] written = BatchValue.of(messages, List.of(id)).toBytes();
            BatchValue read = BatchValue.of(slot, written);

            assertThat(written[0]).as("format version").isEqualTo((byte) (hash.length() == 16 ? 2 : 1));
            assertThat(read.ids(slot)).containsExactly(id);
            assertThat(read.messages()).isEqualTo(messages);
            assertThat(read.known(slot, "u:ann", "id-1")).isNotNull().satisfies(known -> {
                assertThat(known.isOf(said, 0)).isTrue();
                assertThat(known.isOf(other, 0)).isFalse();
            });
            assertThat(read.known(slot, "u:bob", "id-1")).isNull();
            assertThat(read.known(slot, "u:ann", "id-2")).isNull();
        }
    }

    @Test
    void aTableOrABucketWithSomethingInItIsLeftAlone() {
        table.client().putItem(put -> put.tableName(table.name()).item(StateItem.key("V#connections", "a node's")));
        Objects bucket = LocalS3.get().objects();
        bucket.putIfAbsent("topics/old/00000000000000000001.json", new byte[1], "text/plain", Map.of());
        try (DynamoImport into =
                new DynamoImport(table, DynamoOptions.DEFAULTS.withClock(clock).withArchive(bucket))) {
            assertThatThrownBy(() -> into.begin("somewhere", EPOCH, clock.millis()))
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("the bucket is not empty");
        }
        try (DynamoImport into = new DynamoImport(table, DynamoOptions.DEFAULTS.withClock(clock))) {
            assertThat(into.begin("somewhere", EPOCH, clock.millis()).epoch()).isEqualTo(clock.millis() / 1000);
            assertThatThrownBy(() -> into.begin("elsewhere", EPOCH, clock.millis()))
                    .isInstanceOf(MigrationException.class)
                    .hasMessageContaining("another migration");
        }
    }
}
