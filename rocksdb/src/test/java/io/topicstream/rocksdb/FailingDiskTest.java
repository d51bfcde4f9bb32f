package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.Admission;
import io.topicstream.log.AppendResult;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.Conflict;
import io.topicstream.log.AppendResult.Unavailable;
import io.topicstream.log.Direction;
import io.topicstream.log.Durability;
import io.topicstream.log.Lane;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What happens when the disk fails, is full, or is slow.
@Timeout(60)
class FailingDiskTest {
    private static final TopicName TOPIC = new TopicName("room:1");

    @TempDir
    private Path directory;

    private final FaultyCalls disk = new FaultyCalls();
    private RocksLog log;

    @BeforeEach
    void openTheLog() throws StoreException {
        log = RocksLog.open(directory, StoreUnderTest.small(), disk, false);
    }

    @AfterEach
    void closeTheLog() {
        disk.isFull = false;
        log.close();
        assertThat(log.openHandles()).isZero();
    }

    @Test
    void aFailedSyncIsAnsweredWithUnavailableAndNeverRepeatedOnTheSameFile() throws Exception {
        assertThat(publish("1")).isInstanceOf(Appended.class);
        disk.syncsToFail.set(1);

        AppendResult failed = publish("2");

        assertThat(failed).isInstanceOf(Unavailable.class);
        Store broken = disk.synced.getLast();
        Appended next = publishUntilStored("3");
        assertThat(disk.synced.getLast()).isNotSameAs(broken);
        assertThat(disk.synced.subList(0, disk.synced.lastIndexOf(broken)))
                .as("the failed sync was the last of its store")
                .allMatch(each -> each == broken);
        assertThat(next.firstOffset())
                .as("what was written is found again, though nobody was told")
                .isEqualTo(3);
        assertThat(payloads()).containsExactly("1", "2", "3");
    }

    @Test
    void aFailedWriteIsAnsweredWithUnavailableAndLeavesNothing() throws Exception {
        assertThat(publish("1")).isInstanceOf(Appended.class);
        disk.writesToFail.set(1);

        assertThat(publish("2")).isInstanceOf(Unavailable.class);

        assertThat(publishUntilStored("3").firstOffset()).isEqualTo(2);
        assertThat(payloads()).containsExactly("1", "3");
    }

    @Test
    void everythingThatIsUnansweredWhenTheSyncFailsIsAnsweredOnce() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        disk.syncGate = gate;
        disk.syncsToFail.set(1);
        List<Publish> publishes = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Publish publish = Publish.to("room:" + i % 7, "\"" + i + "\"");
            publishes.add(publish);
            assertThat(log.append(publish)).isNotEqualTo(Admission.REFUSED);
        }
        var state = log.state().put("p", "k", new byte[] {1}, StateStore.ABSENT, StateStore.NEVER);

        gate.countDown();

        for (Publish publish : publishes) {
            assertThat(publish.await()).isInstanceOfAny(Unavailable.class, Appended.class);
        }
        assertThat(publishes.getFirst().await()).isInstanceOf(Unavailable.class);
        assertThat(state.toCompletableFuture().handle((version, failure) -> version != null || failure != null))
                .succeedsWithin(30, TimeUnit.SECONDS)
                .isEqualTo(true);
    }

    @Test
    void followersAreToldOfTheLossAndFindEverythingWhenTheyFollowAgain() throws Exception {
        HeardFollower listener = new HeardFollower();
        log.follow(TOPIC, Lane.DIRECT, listener);
        publish("1");
        disk.syncsToFail.set(1);

        publish("2");

        await().until(() -> listener.heard.contains("lost"));
        log.follow(TOPIC, Lane.DIRECT, listener);
        await().until(() -> listener.heard.stream()
                        .filter(each -> each.startsWith("followed"))
                        .count()
                == 2);
        publishUntilStored("3");
        await().until(() -> listener.heard.contains("3: 3"));
        assertThat(listener.heard)
                .as("2 was never told: it stands before the tail that the second answer named")
                .containsExactly("followed 1", "1: 1", "lost", "followed 3", "3: 3");
    }

    @Test
    void answersThatRestOnWhatIsNotSyncedWaitForItsSync() throws Exception {
        // The ids of the topic are known after this, so that nothing below waits for a reader.
        Publish zero = new Publish(TOPIC.value(), "0", "id-0", -1);
        log.append(zero);
        assertThat(zero.await()).isInstanceOf(Appended.class);
        // The writer is in the sync of one message, and meanwhile so much comes that it hands the next sync over.
        CountDownLatch firstGate = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        disk.syncGate = firstGate;
        int synced = disk.synced.size();
        log.append(Publish.to("room:2", "1"));
        await().until(() -> disk.synced.size() == synced + 1);
        disk.syncGate = gate;
        fill(Turn.MAX_MESSAGES - 1);
        Publish first = new Publish(TOPIC.value(), "1", "id-1", 2);
        log.append(first);
        Publish conflict = new Publish(TOPIC.value(), "2", null, 2);
        Publish repeat = new Publish(TOPIC.value(), "1", "id-1", -1);
        log.append(conflict);
        log.append(repeat);
        var after = log.state().put("p", "k", new byte[] {1}, StateStore.ANY_VERSION, StateStore.NEVER);
        fill(2 * Turn.MAX_MESSAGES);
        int written = disk.writes.get();
        firstGate.countDown();
        // The group with the first, and one that is written after it shows that the writer has decided about the rest.
        await().until(() -> disk.writes.get() >= written + 2);

        assertThat(first.answer()).isNotDone();
        assertThat(conflict.answer()).isNotDone();
        assertThat(repeat.answer()).isNotDone();
        assertThat(after.toCompletableFuture()).isNotDone();
        assertThat(log.extent(TOPIC).toCompletableFuture().get().nextOffset())
                .as("nothing is shown that is not durable")
                .isEqualTo(2);
        assertThat(payloads()).containsExactly("0");
        var state = log.state().get("p", "k").toCompletableFuture();
        gate.countDown();

        assertThat(first.await()).isInstanceOf(Appended.class);
        assertThat(conflict.await()).isEqualTo(new Conflict(epoch(), 3));
        assertThat(((Appended) repeat.await()).repeated()).isTrue();
        assertThat(state.get(30, TimeUnit.SECONDS)).isNotNull();
    }

    private void fill(int messages) {
        for (int i = 0; i < messages; i++) {
            log.append(Publish.to("room:2", "1"));
        }
    }

    @Test
    void aFullDiskRefusesPublishesKeepsReadsAndHealsByItself() throws Exception {
        publish("1");
        publish("2");
        disk.isFull = true;

        for (int i = 0; i < 5; i++) {
            assertThat(publish("3")).isEqualTo(new Unavailable("no space is left on the disk"));
            assertThat(payloads()).containsExactly("1", "2");
        }
        disk.isFull = false;

        assertThat(publishUntilStored("4").firstOffset()).isEqualTo(3);
        assertThat(payloads()).containsExactly("1", "2", "4");
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 20})
    void aSlowDiskMakesGroupsLargerInsteadOfThroughputSmaller(int delayMs) throws Exception {
        disk.syncDelayNs = TimeUnit.MILLISECONDS.toNanos(delayMs);
        int inFlight = 400;
        int total = 8_000;
        ArrayDeque<Publish> window = new ArrayDeque<>();
        for (int i = 0; i < total; i++) {
            if (window.size() == inFlight) {
                assertThat(window.remove().await()).isInstanceOf(Appended.class);
            }
            Publish publish = Publish.to("room:" + i % 50, Integer.toString(i));
            window.add(publish);
            assertThat(log.append(publish)).isNotEqualTo(Admission.REFUSED);
        }
        while (!window.isEmpty()) {
            assertThat(window.remove().await()).isInstanceOf(Appended.class);
        }

        assertThat(log.sync().messagesTold).isEqualTo(total);
        assertThat((double) total / log.sync().syncs)
                .as("messages a sync, of %d in flight", inFlight)
                .isGreaterThan(inFlight / 4.0);
    }

    @Test
    void inTheModesBelowDiskNothingIsSynced(@TempDir Path other) throws Exception {
        for (Durability mode : List.of(Durability.OS, Durability.MEMORY)) {
            FaultyCalls calls = new FaultyCalls();
            try (RocksLog below = RocksLog.open(
                    other.resolve(mode.wireName()), StoreUnderTest.small().withDurability(mode), calls, false)) {
                Publish publish = Publish.to("room:1", "1");
                below.append(publish);
                assertThat(publish.await()).isInstanceOf(Appended.class);
                assertThat(below.durability()).isEqualTo(mode);
            }
            assertThat(calls.synced).isEmpty();
        }
    }

    @Test
    void theQueueAsksToSlowDownThenRefusesAndTakesAgainWhenAnswered(@TempDir Path other) throws Exception {
        FaultyCalls calls = new FaultyCalls();
        CountDownLatch gate = new CountDownLatch(1);
        calls.syncGate = gate;
        try (RocksLog small = RocksLog.open(other, StoreUnderTest.small().withQueue(20_000, 1 << 16), calls, false)) {
            List<Publish> taken = new ArrayList<>();
            List<Admission> admissions = new ArrayList<>();
            while (admissions.isEmpty() || admissions.getLast() != Admission.REFUSED) {
                Publish publish = Publish.to("room:1", "\"" + "x".repeat(1000) + "\"");
                admissions.add(small.append(publish));
                taken.add(publish);
            }
            taken.removeLast();

            assertThat(admissions).startsWith(Admission.ACCEPTED).contains(Admission.ACCEPTED_SLOW_DOWN);
            assertThat(admissions).isSorted();
            assertThat(taken).hasSizeBetween(40, 70);
            gate.countDown();
            for (Publish publish : taken) {
                assertThat(publish.await()).isInstanceOf(Appended.class);
            }
            await().until(() -> small.append(Publish.to("room:1", "1")) == Admission.ACCEPTED);
        }
    }

    private AppendResult publish(String json) throws Exception {
        Publish publish = Publish.to(TOPIC.value(), json);
        assertThat(log.append(publish)).isNotEqualTo(Admission.REFUSED);
        return publish.await();
    }

    private Appended publishUntilStored(String json) {
        return (Appended) await().until(() -> publish(json), Appended.class::isInstance);
    }

    private List<String> payloads() throws Exception {
        return log.read(TOPIC, 1, Direction.FORWARD, 1000, 1 << 20).toCompletableFuture().get().messages().stream()
                .map(FailingDiskTest::text)
                .toList();
    }

    private long epoch() throws Exception {
        return log.extent(TOPIC).toCompletableFuture().get().epoch();
    }

    private static String text(Message message) {
        return new String(message.payload(), StandardCharsets.UTF_8);
    }
}
