package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.BackupProgress;
import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Retention;
import io.topicstream.log.RetentionRules;
import io.topicstream.log.TopicName;
import io.topicstream.testkit.Keeping;
import io.topicstream.testkit.ManualClock;
import java.io.File;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What retention does on the disk. What it promises stands in the contract.
@Timeout(120)
class RetentionTest {
    private static final TopicName TOPIC = new TopicName("room:0");

    private final ManualClock clock = new ManualClock();
    private final RocksOptions options = StoreUnderTest.small().withClock(clock);

    @TempDir
    private Path directory;

    @Test
    void aStoreOfBeforeKeepsEverythingUntilAPolicyIsSet() throws Exception {
        GoldenStoreTest.unzip(directory);
        clock.advance(Duration.ofDays(4000));
        List<Extent> before;
        try (RocksLog log = open(RetentionRules.NOTHING_SAID)) {
            assertThat(log.keepsAllByDefault()).isTrue();
            before = extents(log);
            publish(log, "new", "1");
            awaitLookedAtAll(log);
            clock.advance(Duration.ofDays(100));
            awaitSweep(log);
            assertThat(extents(log)).containsAll(before).hasSize(before.size() + 1);
            assertThat(rows(log, "due")).isZero();
        }
        try (RocksLog log = open(new Keeping(Map.of("room:0", Keeping.messages(5))))) {
            assertThat(log.keepsAllByDefault()).isTrue();
            await().until(() -> extent(log, "room:0").firstOffset() >= 36);
            awaitLookedAtAll(log);
            assertThat(extents(log)).hasSize(1 + before.size());
            assertThat(extent(log, "new")).isEqualTo(new Extent(log.epoch(), 1, 2));
        }
        try (RocksLog log = open(Keeping.all(Keeping.age(Duration.ofDays(1))))) {
            await().until(() -> extents(log).stream().allMatch(Extent::isEmpty));
            await().until(() -> rows(log, "log") == 0 && rows(log, "due") == 0);
            assertThat(log.figures().trimmed().byAge()).isPositive();
            publish(log, "room:0", "1");
            assertThat(extent(log, "room:0").nextOffset()).isEqualTo(42);
        }
    }

    @Test
    void aStoreThatIsNewKnowsIt() throws Exception {
        try (RocksLog log = open(RetentionRules.NOTHING_SAID)) {
            assertThat(log.keepsAllByDefault()).isFalse();
        }
        try (RocksLog log = open(RetentionRules.NOTHING_SAID)) {
            assertThat(log.keepsAllByDefault()).isFalse();
            publish(log, "a", "1");
            clock.advance(Duration.ofDays(31));
            await().until(() -> extent(log, "a").isEmpty());
        }
    }

    @Test
    void aTopicHasARowAsLongAsItHasMessagesThatEndByAge() throws Exception {
        try (RocksLog log = open(new Keeping(Map.of("a", Keeping.age(Duration.ofHours(1)), "", Retention.FOREVER)))) {
            for (int i = 0; i < 50; i++) {
                publish(log, "a" + i, "1");
                publish(log, "a" + i, "2");
                publish(log, "b" + i, "1");
            }
            assertThat(rows(log, "due")).isEqualTo(50);

            clock.advance(Duration.ofMinutes(30));
            publish(log, "a7", "3");
            clock.advance(Duration.ofMinutes(32));
            await().until(() -> rows(log, "due") == 1);
            assertThat(extent(log, "a7").firstOffset()).isEqualTo(3);

            clock.advance(Duration.ofHours(1));
            await().until(() -> rows(log, "due") == 0);
            assertThat(rows(log, "log")).isEqualTo(50);
            assertThat(extent(log, "b7").isEmpty()).isFalse();
        }
    }

    @Test
    void aTrimHasARowUntilWhatItLeftIsDeleted() throws Exception {
        try (RocksLog log = RocksLog.open(directory, options)) {
            for (int i = 0; i < 600; i++) {
                publish(log, "a", "1");
            }
            log.trim(new TopicName("a"), 590).toCompletableFuture().get(30, TimeUnit.SECONDS);
            await().until(() -> rows(log, "log") == 11 && rows(log, "due") == 0);
            log.trim(new TopicName("a"), 590).toCompletableFuture().get(30, TimeUnit.SECONDS);
            assertThat(rows(log, "due")).isZero();
        }
    }

    @Test
    void theStoreTakesNoMoreRoomThanWhatIsKeptAndABit() throws Exception {
        long cap = 2 << 20;
        try (RocksLog log = open(Keeping.all(Keeping.bytes(cap)))) {
            publishMuch(log, 12_000, 4);

            await().atMost(Duration.ofSeconds(60)).until(() -> bytes(directory.resolve("db")) < 48L << 20);
            for (int i = 0; i < 4; i++) {
                Extent extent = extent(log, "room:" + i);
                assertThat((extent.nextOffset() - extent.firstOffset()) * 8_000).isBetween(cap - 16_000, 3 * cap);
            }
        }
    }

    @Test
    void theRoomOfMuchThatEndsAtOnceIsGivenBackThoughNobodyWrites() throws Exception {
        try (RocksLog log = open(Keeping.all(Keeping.age(Duration.ofSeconds(10))))) {
            publishMuch(log, 4_000, 2);
            assertThat(bytes(directory.resolve("db"))).isGreaterThan(20L << 20);

            clock.advance(Duration.ofSeconds(12));

            await().atMost(Duration.ofSeconds(60)).until(() -> bytes(directory.resolve("db")) < 8L << 20);
            assertThat(extents(log)).hasSize(2).allMatch(Extent::isEmpty);
        }
    }

    /// None of them has much, all of them have: and nobody publishes, whose writes would make RocksDB compact.
    @Test
    void theRoomOfManyTopicsThatAreDueAtOnceIsGivenBackWhileOthersArePublishedTo() throws Exception {
        int topics = 3_000;
        try (RocksLog log = open(Keeping.all(Keeping.age(Duration.ofDays(2))))) {
            publishMuch(log, 2 * topics, topics);
            assertThat(bytes(directory.resolve("db"))).isGreaterThan(25L << 20);
            clock.advance(Duration.ofDays(1));
            for (int i = 0; i < 50; i++) {
                publish(log, "live", "1");
            }
            clock.advance(Duration.ofHours(30));

            long meanwhile = 0;
            while (extents(log).stream().filter(extent -> !extent.isEmpty()).count() > 1) {
                publish(log, "live", "2");
                meanwhile++;
            }
            await().atMost(Duration.ofSeconds(60)).until(() -> bytes(directory.resolve("db")) < 8L << 20);

            assertThat(meanwhile).as("messages published meanwhile").isPositive();
            Page kept = log.read(new TopicName("live"), 1, Direction.FORWARD, 100_000, 1 << 30)
                    .toCompletableFuture()
                    .get(30, TimeUnit.SECONDS);
            assertThat(kept.messages()).hasSize((int) (50 + meanwhile));
            assertThat(rows(log, "log")).isEqualTo((int) (50 + meanwhile));
            assertThat(rows(log, "due")).isEqualTo(1);
        }
    }

    @Test
    void aReaderSeesNoGapWhileTheFrontGoes() throws Exception {
        AtomicBoolean isOver = new AtomicBoolean();
        try (RocksLog log = open(Keeping.all(new Retention(1000, 40, 10_000)));
                ExecutorService threads = Executors.newFixedThreadPool(3)) {
            publish(log, TOPIC.value(), "0");
            List<Future<?>> readers = new ArrayList<>();
            for (Direction direction : Direction.values()) {
                readers.add(threads.submit(() -> {
                    while (!isOver.get()) {
                        readOnce(log, direction);
                    }
                    return null;
                }));
            }
            for (int i = 0; i < 20_000; i++) {
                Publish publish = Publish.to(TOPIC.value(), Integer.toString(i));
                log.append(publish);
                if (i % 50 == 0) {
                    publish.await();
                    clock.advance(Duration.ofMillis(100));
                }
            }
            isOver.set(true);
            for (Future<?> reader : readers) {
                reader.get(30, TimeUnit.SECONDS);
            }
            await().until(() -> {
                Extent extent = extent(log, TOPIC.value());
                return extent.nextOffset() - extent.firstOffset() <= 90 && extent.nextOffset() == 20_002;
            });
        }
    }

    private static void readOnce(RocksLog log, Direction direction) throws Exception {
        Extent before = extent(log, TOPIC.value());
        long from = direction == Direction.FORWARD ? before.firstOffset() : before.nextOffset() - 1;
        Page page = log.read(TOPIC, from, direction, 100_000, 1 << 24)
                .toCompletableFuture()
                .get(30, TimeUnit.SECONDS);
        assertThat(page.extent().firstOffset()).isGreaterThanOrEqualTo(before.firstOffset());
        List<Message> messages = page.messages();
        for (int i = 1; i < messages.size(); i++) {
            assertThat(messages.get(i).offset()).isEqualTo(messages.get(i - 1).offset() + 1);
        }
        if (direction == Direction.FORWARD) {
            long expected = Math.max(from, page.extent().firstOffset());
            if (expected < page.extent().nextOffset()) {
                assertThat(messages.getFirst().offset()).isEqualTo(expected);
            }
        } else if (!messages.isEmpty()) {
            assertThat(messages.getLast().offset()).isEqualTo(from);
            assertThat(messages.getFirst().offset()).isEqualTo(page.extent().firstOffset());
        }
    }

    @Test
    void aCrashInTheMiddleOfItLeavesAStoreThatIsWhole() throws Exception {
        Path crashed = directory.resolve("crashed");
        Path store = directory.resolve("store");
        RetentionRules rules = Keeping.all(new Retention(2000, 30, Retention.UNLIMITED));
        for (int round = 0; round < 5; round++) {
            try (RocksLog log = RocksLog.open(store, options.withRetention(rules))) {
                for (int i = 0; i < 400; i++) {
                    publish(log, "room:" + i % 7, "1");
                    if (i % 40 == 0) {
                        clock.advance(Duration.ofMillis(700));
                    }
                }
                OpeningTest.copy(store, crashed);
            }
            try (RocksLog log = RocksLog.open(crashed, options.withRetention(rules))) {
                clock.advance(Duration.ofSeconds(3));
                await().until(() -> extents(log).stream().allMatch(Extent::isEmpty));
                await().until(() -> rows(log, "log") == 0 && rows(log, "due") == 0);
            }
            assertThat(Backup.verify(crashed, BackupProgress.NONE).problems()).isEmpty();
            StoreUnderTest.delete(crashed);
        }
    }

    @Test
    void aWriteThatFailsTakesNothingWithIt() throws Exception {
        FaultyCalls calls = new FaultyCalls();
        RetentionRules rules = Keeping.all(Keeping.messages(10));
        try (RocksLog log = RocksLog.open(directory, options.withRetention(rules), calls, false)) {
            for (int round = 0; round < 20; round++) {
                calls.writesToFailAfter.set(5 + round);
                for (int i = 0; i < 40; i++) {
                    Publish publish = Publish.to("a", Integer.toString(i));
                    log.append(publish);
                    publish.await();
                }
            }
            await().until(() -> publishes(log));
            await().until(() -> {
                Extent extent = extent(log, "a");
                return extent.nextOffset() - extent.firstOffset() == 10 && rows(log, "log") == 10;
            });
        }
        assertThat(Backup.verify(directory, BackupProgress.NONE).problems()).isEmpty();
    }

    // ---- short ways

    /// Messages of 8,000 bytes that compress little.
    private static void publishMuch(RocksLog log, int count, int topics) throws Exception {
        byte[] random = new byte[6_000];
        Random seeded = new Random(7);
        ArrayDeque<Publish> window = new ArrayDeque<>();
        for (int i = 0; i < count; i++) {
            seeded.nextBytes(random);
            Publish publish =
                    Publish.to("room:" + i % topics, "\"" + Base64.getEncoder().encodeToString(random) + "\"");
            log.append(publish);
            window.add(publish);
            if (window.size() > 100) {
                window.remove().await();
            }
        }
        while (!window.isEmpty()) {
            window.remove().await();
        }
    }

    private RocksLog open(RetentionRules rules) throws StoreException {
        return RocksLog.open(directory, options.withRetention(rules));
    }

    private static void publish(RocksLog log, String topic, String json) throws Exception {
        Publish publish = Publish.to(topic, json);
        log.append(publish);
        assertThat(publish.await()).isInstanceOf(Appended.class);
    }

    private static boolean publishes(RocksLog log) throws Exception {
        Publish publish = Publish.to("a", "1");
        log.append(publish);
        return publish.await() instanceof Appended;
    }

    private static Extent extent(RocksLog log, String topic) throws Exception {
        return log.extent(new TopicName(topic)).toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private static List<Extent> extents(RocksLog log) throws Exception {
        return log.topics("", "", 10_000).toCompletableFuture().get(30, TimeUnit.SECONDS).stream()
                .map(topic -> topic.extent())
                .toList();
    }

    private static int rows(RocksLog log, String family) throws Exception {
        return log.countRows(family).get(30, TimeUnit.SECONDS);
    }

    private static void awaitLookedAtAll(RocksLog log) {
        await().until(() -> {
            byte[] row = log.life().store.get("meta", RetentionRow.key());
            return row != null && RetentionRow.of(row).rules() != 0;
        });
    }

    /// Waits for two ticks, in which what was due would have been looked at.
    private static void awaitSweep(RocksLog log) {
        long rounds = log.sweeps();
        await().until(() -> log.sweeps() >= rounds + 2);
    }

    /// What its files take. One that goes away meanwhile takes nothing.
    private static long bytes(Path directory) {
        return Stream.of(Objects.requireNonNull(directory.toFile().listFiles()))
                .mapToLong(File::length)
                .sum();
    }
}
