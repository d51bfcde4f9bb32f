package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.Admission;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Lane;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What waits for a slow disk is bounded in bytes, whatever it is; on one count, which the figures show.
@Timeout(60)
class QueueBoundsTest {
    private static final TopicName TOPIC = new TopicName("room:1");
    private static final int SOFT = 128 << 10;
    private static final int HARD = 512 << 10;

    @TempDir
    private Path directory;

    private final FaultyCalls disk = new FaultyCalls();
    private final CountDownLatch gate = new CountDownLatch(1);
    private final HeardFollower follower = new HeardFollower();
    private RocksLog log;

    @BeforeEach
    void holdTheDiskStill() throws Exception {
        log = RocksLog.open(directory, StoreUnderTest.small().withQueue(SOFT, HARD), disk, false);
        log.follow(TOPIC, Lane.DIRECT, follower);
        await().until(() -> follower.heard.contains("followed 1"));
        disk.syncGate = gate;
        log.append(Publish.to(TOPIC.value(), "1"));
        await().until(() -> !disk.synced.isEmpty());
    }

    @AfterEach
    void close() {
        gate.countDown();
        log.close();
        assertThat(log.openHandles()).isZero();
    }

    @Test
    void signalsAreDroppedAboveTheSoftBoundAndTheirBytesAreGivenBackWhenTheyAreTold() {
        List<Admission> admissions = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            admissions.add(log.signal(TOPIC, new byte[8192]));
        }

        assertThat(admissions).isSorted().contains(Admission.ACCEPTED_SLOW_DOWN).endsWith(Admission.REFUSED);
        long taken =
                admissions.stream().filter(each -> each != Admission.REFUSED).count();
        assertThat(taken).isBetween(10L, (long) SOFT / 8192);
        assertThat(log.figures().queuedBytes()).isBetween(taken * 8192, (long) SOFT);
        gate.countDown();
        await().until(() -> follower.heard.stream()
                        .filter(each -> each.startsWith("signal"))
                        .count()
                == taken);
        await().untilAsserted(() -> assertThat(log.figures().queuedBytes()).isZero());
        assertThat(log.signal(TOPIC, new byte[8192])).isEqualTo(Admission.ACCEPTED);
    }

    @Test
    void manyMoreSignalsThanMemoryHoldsAreNoMatter() {
        byte[] signal = new byte[8192];

        for (int i = 0; i < 500_000; i++) {
            log.signal(TOPIC, signal.clone());
        }

        assertThat(log.figures().queuedBytes()).isLessThanOrEqualTo(SOFT);
    }

    @Test
    void signalsLeaveRoomForMessagesAndForWhatNodesTellEachOther() throws Exception {
        while (log.signal(TOPIC, new byte[8192]) != Admission.REFUSED) {
            assertThat(log.figures().queuedBytes()).isPositive();
        }

        Publish publish = Publish.to(TOPIC.value(), "2");
        assertThat(log.append(publish)).isNotEqualTo(Admission.REFUSED);
        assertThat(log.signal(new TopicName("sys:credentials"), new byte[100])).isNotEqualTo(Admission.REFUSED);
        gate.countDown();
        assertThat(publish.await()).isInstanceOf(Appended.class);
    }

    @Test
    void changesOfStateRecordsCountWithTheirValuesAndAreRefusedAboveTheHardBound() throws Exception {
        List<CompletableFuture<Long>> puts = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            puts.add(log.state()
                    .put("p", "k" + i, new byte[100 << 10], StateStore.ANY_VERSION, StateStore.NEVER)
                    .toCompletableFuture());
        }

        List<CompletableFuture<Long>> refused =
                puts.stream().filter(CompletableFuture::isDone).toList();
        assertThat(refused).hasSizeBetween(14, 16);
        for (CompletableFuture<Long> put : refused) {
            assertThatThrownBy(put::get)
                    .isInstanceOf(ExecutionException.class)
                    .hasCauseInstanceOf(LogUnavailableException.class)
                    .hasMessageContaining("too much is waiting");
        }
        assertThat(log.figures().queuedBytes()).isBetween(4L * (100 << 10), (long) HARD);
        assertThat(log.append(Publish.to(TOPIC.value(), "\"" + "x".repeat(100 << 10) + "\"")))
                .as("one count for all")
                .isEqualTo(Admission.REFUSED);
        gate.countDown();
        for (CompletableFuture<Long> put : puts) {
            put.handle((version, failure) -> "answered").get(30, TimeUnit.SECONDS);
        }
        await().untilAsserted(() -> assertThat(log.figures().queuedBytes()).isZero());
    }

    @Test
    void whoFollowsIsTakenThoughMessagesFillTheQueue() {
        while (log.append(Publish.to(TOPIC.value(), "\"" + "x".repeat(1000) + "\"")) != Admission.REFUSED) {
            assertThat(log.figures().queuedBytes()).isLessThanOrEqualTo(HARD);
        }
        HeardFollower late = new HeardFollower();

        log.follow(new TopicName("room:2"), Lane.DIRECT, late);
        gate.countDown();

        await().until(() -> late.heard.contains("followed 1"));
    }

    @Test
    void aReadThatWaitsForASyncHoldsItsBytes() throws Exception {
        var put = log.state().put("p", "k", new byte[50_000], StateStore.ANY_VERSION, StateStore.NEVER);
        // The put is written when the first sync is over, and waits for the second.
        CountDownLatch second = new CountDownLatch(1);
        int synced = disk.synced.size();
        disk.syncGate = second;
        gate.countDown();
        await().until(() -> disk.synced.size() > synced);
        long before = log.figures().queuedBytes();

        var read = log.state().get("p", "k").toCompletableFuture();

        await().until(() -> log.figures().queuedBytes() >= before + 50_000);
        assertThat(read).isNotDone();
        second.countDown();
        assertThat(read.get(30, TimeUnit.SECONDS)).isNotNull();
        put.toCompletableFuture().get(30, TimeUnit.SECONDS);
        await().untilAsserted(() -> assertThat(log.figures().queuedBytes()).isZero());
    }
}
