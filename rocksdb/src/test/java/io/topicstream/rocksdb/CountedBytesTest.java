package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.BackupProgress;
import io.topicstream.log.Details;
import io.topicstream.log.Direction;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.ManualClock;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksIterator;

/// Each batch counts the bytes of its topic up to its end: through openings and trims, and behind batches of
/// 0.1.0, which counted none.
@Timeout(60)
class CountedBytesTest {
    private static final int LOG = 3;

    @TempDir
    private Path there;

    private Path directory;

    private final RocksOptions options = StoreUnderTest.small().withClock(new ManualClock());

    @BeforeEach
    void namePlace() {
        directory = there.resolve("data");
    }

    /// What one row says, in a few numbers.
    private record Row(long topicId, long lastOffset, boolean countsBytes, int valueBytes, long bytes) {}

    @Test
    void everyRowGoesOnFromTheOneBeforeItAlsoAfterAnOpening() throws Exception {
        for (int life = 0; life < 3; life++) {
            try (RocksLog log = RocksLog.open(directory, options)) {
                for (int i = 0; i < 5; i++) {
                    publish(log, Publish.to("a", "\"" + "x".repeat(10 * i) + "\""));
                    publish(log, Publish.to("b", new Draft(new byte[i], null, Details.ofBytes("a/b"))));
                }
            }
        }

        assertThat(problems()).isEmpty();
        for (long id : List.of(1L, 2L)) {
            List<Row> rows = rows(id);
            assertThat(rows).hasSize(15);
            long sum = 0;
            for (Row row : rows) {
                sum += row.valueBytes();
                assertThat(row.bytes()).as(row.toString()).isEqualTo(sum);
            }
        }
    }

    @Test
    void aTrimLeavesTheSumsAsTheyWereAndATopicWithoutRowsBeginsAnew() throws Exception {
        long sum;
        try (RocksLog log = RocksLog.open(directory, options)) {
            for (int i = 0; i < 5; i++) {
                publish(log, Publish.to("a", "1"));
            }
            trim(log, 4, 2);
        }
        List<Row> kept = rows(1);
        assertThat(kept).extracting(Row::lastOffset).containsExactly(4L, 5L);
        sum = kept.getLast().bytes();
        assertThat(sum).isEqualTo(5L * kept.getLast().valueBytes());
        try (RocksLog log = RocksLog.open(directory, options)) {
            trim(log, 6, 0);
        }
        assertThat(rows(1)).isEmpty();

        try (RocksLog log = RocksLog.open(directory, options)) {
            publish(log, Publish.to("a", "1"));
        }

        Row only = rows(1).getFirst();
        assertThat(only.lastOffset()).isEqualTo(6);
        assertThat(only.bytes()).isEqualTo(only.valueBytes());
        assertThat(problems()).isEmpty();
    }

    @Test
    void aTopicMayHaveRowsOfTheFirstVersionAndBehindThemNewOnesThatCount() throws Exception {
        GoldenStoreTest.unzip(directory);
        List<Message> before;
        List<Draft> drafts = List.of(
                new Draft("\"new\"".getBytes(StandardCharsets.UTF_8), "id-new", null),
                new Draft(
                        new byte[] {0, -1},
                        null,
                        new Details(Message.Kind.BYTES, "a/b", Headers.of(Map.of("h", "v")), "k", "o", "w")),
                new Draft(new byte[0], null, Details.REDACTED));
        try (RocksLog log = RocksLog.open(directory, options)) {
            before = read(log, 1);
            publish(log, Publish.to("room:1", drafts.getFirst()));
        }
        try (RocksLog log = RocksLog.open(directory, options)) {
            for (Draft draft : drafts.subList(1, drafts.size())) {
                publish(log, Publish.to("room:1", draft));
            }
            List<Message> all = read(log, 1);
            assertThat(all).hasSize(before.size() + 3).startsWith(before.toArray(Message[]::new));
            assertThat(all.subList(before.size(), all.size()))
                    .extracting(message -> new Draft(message.payload(), message.messageId(), message.details()))
                    .isEqualTo(drafts);
            Publish repeat = Publish.to("room:1", drafts.getFirst());
            log.append(repeat);
            assertThat(((Appended) repeat.await()).repeated()).isTrue();
            assertThat(log.backUp(there.resolve("backup"), BackupProgress.NONE).problems())
                    .isEmpty();
        }

        assertThat(problems()).isEmpty();
        long next = before.getLast().offset() + 1;
        long sum = 0;
        List<Row> rows = rows(topicOf(next + 2));
        assertThat(rows).hasSizeGreaterThan(3);
        for (Row row : rows) {
            assertThat(row.countsBytes()).as(row.toString()).isEqualTo(row.lastOffset() >= next);
            sum += row.countsBytes() ? row.valueBytes() : 0;
            assertThat(row.bytes()).as(row.toString()).isEqualTo(sum);
        }
    }

    @Test
    void aSumThatDoesNotGoOnIsFoundByACheck() throws Exception {
        try (RocksLog log = RocksLog.open(directory, options)) {
            for (int i = 0; i < 3; i++) {
                publish(log, Publish.to("a", "1"));
            }
        }
        change((db, log) -> {
            byte[] value = db.get(log, BatchRow.key(1, 2));
            ByteBuffer.wrap(value).putLong(14, 1_000);
            db.put(log, BatchRow.key(1, 2), value);
        });

        assertThat(problems())
                .containsExactly("topic a: the batch that ends at offset 2 has 37 bytes and counts 1000 after 37");
    }

    private static void publish(RocksLog log, Publish publish) throws Exception {
        log.append(publish);
        assertThat(publish.await()).isInstanceOf(Appended.class);
    }

    /// Trims the topic `a`, and waits until nothing of it is left behind.
    private static void trim(RocksLog log, long before, int left) throws Exception {
        log.trim(new TopicName("a"), before).toCompletableFuture().get();
        await().until(() -> log.countRows("log").get(30, TimeUnit.SECONDS) == left);
    }

    private static List<Message> read(RocksLog log, long from) throws Exception {
        return log.read(new TopicName("room:1"), from, Direction.FORWARD, 1_000, 1 << 20)
                .toCompletableFuture()
                .get()
                .messages();
    }

    private List<String> problems() throws Exception {
        return Backup.verify(directory, BackupProgress.NONE).problems();
    }

    /// The one topic that has a batch with this last offset.
    private long topicOf(long lastOffset) throws Exception {
        List<Long> ids = new ArrayList<>();
        change((db, log) -> {
            try (RocksIterator all = db.newIterator(log)) {
                for (all.seekToFirst(); all.isValid(); all.next()) {
                    ByteBuffer key = ByteBuffer.wrap(all.key());
                    if (key.getLong(8) == lastOffset) {
                        ids.add(key.getLong(0));
                    }
                }
            }
        });
        assertThat(ids).hasSize(1);
        return ids.getFirst();
    }

    private List<Row> rows(long topicId) throws Exception {
        List<Row> rows = new ArrayList<>();
        BatchRow.Reader reader = new BatchRow.Reader();
        change((db, log) -> {
            try (RocksIterator all = db.newIterator(log)) {
                for (all.seek(BatchRow.key(topicId, 0)); all.isValid(); all.next()) {
                    ByteBuffer key = ByteBuffer.wrap(all.key());
                    if (key.getLong(0) != topicId) {
                        break;
                    }
                    reader.begin(key.getLong(8), ByteBuffer.wrap(all.value()));
                    rows.add(new Row(
                            topicId, reader.lastOffset(), reader.countsBytes(), reader.valueBytes(), reader.bytes()));
                }
            }
        });
        return rows;
    }

    private interface Change {
        void apply(RocksDB db, ColumnFamilyHandle log) throws Exception;
    }

    private void change(Change change) throws Exception {
        List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
        for (String name : List.of("default", "names", "meta", "log", "dedup", "state", "due")) {
            descriptors.add(new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.US_ASCII)));
        }
        List<ColumnFamilyHandle> families = new ArrayList<>();
        try (DBOptions dbOptions = new DBOptions();
                RocksDB db = RocksDB.open(dbOptions, directory.resolve("db").toString(), descriptors, families)) {
            change.apply(db, families.get(LOG));
            families.forEach(ColumnFamilyHandle::close);
        }
    }
}
