package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.About;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.AppendResult.IdConflict;
import io.topicstream.log.Draft;
import io.topicstream.log.Reference;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateStore;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// What nobody may see any more goes from the disk too; and many message ids are as good as few.
@Timeout(60)
class CleaningUpTest {
    private static final TopicName TOPIC = new TopicName("room:1");

    private final ManualClock clock = new ManualClock();
    private final RocksOptions options = StoreUnderTest.small().withClock(clock);

    @TempDir
    private Path directory;

    @Test
    void whatWasTrimmedIsDeletedInTheBackgroundAndStaysAway() throws Exception {
        try (RocksLog log = RocksLog.open(directory, options)) {
            for (int i = 0; i < 1000; i++) {
                assertThat(publish(log, Integer.toString(i), null)).isInstanceOf(Appended.class);
            }

            log.trim(TOPIC, 901).toCompletableFuture().get(30, TimeUnit.SECONDS);

            await().until(() -> rows(log, "log") == 100);
        }
        try (RocksLog log = RocksLog.open(directory, options)) {
            assertThat(log.extent(TOPIC).toCompletableFuture().get().firstOffset())
                    .isEqualTo(901);
            assertThat(rows(log, "log")).isEqualTo(100);
        }
    }

    @Test
    void whatIsSaidAboutTrimmedMessagesGoesFromTheIndex() throws Exception {
        try (RocksLog log = RocksLog.open(directory, options)) {
            int before = rows(log, "meta");
            for (int i = 1; i <= 600; i++) {
                publish(log, Integer.toString(i), null);
            }
            for (int i = 1; i <= 600; i++) {
                RecordingLane lane = RecordingLane.threaded("about");
                RecordingAppend reply = RecordingAppend.to(TOPIC)
                        .draft(new Draft(new byte[] {'1'}, null, null).about(new About(i, About.As.REPLY, null)))
                        .on(lane);
                log.append(reply);
                assertThat(reply.answer().get(30, TimeUnit.SECONDS)).isInstanceOf(Appended.class);
                lane.close();
            }
            assertThat(rows(log, "meta")).isEqualTo(before + 600);

            log.trim(TOPIC, 591).toCompletableFuture().get(30, TimeUnit.SECONDS);

            // The topic has a row since.
            await().until(() -> rows(log, "meta") == before + 1 + 10);
            assertThat(log.references(TOPIC, 1, 2_000, 10).toCompletableFuture().get())
                    .hasSize(10)
                    .startsWith(new Reference(591, Reference.Group.REPLIES, 1191));
        }
        assertThat(StoreCheck.check(directory, null, List.of()).problems()).isEmpty();
    }

    @Test
    void messageIdsThatHaveRunOutAreDroppedAPeriodAtATime() throws Exception {
        try (RocksLog log = RocksLog.open(directory, options)) {
            publish(log, "1", "id-1");
            clock.advance(Duration.ofHours(20));
            publish(log, "2", "id-2");
            assertThat(rows(log, "dedup")).isEqualTo(2);

            clock.advance(Duration.ofHours(15));
            await().until(() -> rows(log, "dedup") == 1);

            assertThat(((Appended) publish(log, "2", "id-2")).repeated()).isTrue();
            assertThat(((Appended) publish(log, "1", "id-1")).repeated()).isFalse();
        }
    }

    @Test
    void moreIdsThanAreHeldInMemoryAreFoundInTheStore() throws Exception {
        int ids = KnownIds.MAX + 2_000;
        try (RocksLog log = RocksLog.open(directory, options)) {
            ArrayDeque<Publish> window = new ArrayDeque<>();
            for (int i = 0; i < ids; i++) {
                Publish publish = new Publish(TOPIC.value(), Integer.toString(i), "id-" + i, -1);
                log.append(publish);
                window.add(publish);
                if (window.size() == 500) {
                    assertThat(((Appended) window.remove().await()).repeated()).isFalse();
                }
            }
            while (!window.isEmpty()) {
                assertThat(((Appended) window.remove().await()).repeated()).isFalse();
            }
            assertRepeats(log, ids);
        }
        try (RocksLog log = RocksLog.open(directory, options)) {
            assertRepeats(log, ids);
        }
    }

    private static void assertRepeats(RocksLog log, int ids) throws Exception {
        for (int i = 0; i < ids; i += 997) {
            Appended repeat = (Appended) publish(log, Integer.toString(i), "id-" + i);
            assertThat(repeat.repeated()).isTrue();
            assertThat(repeat.firstOffset()).isEqualTo(i + 1);
            assertThat(publish(log, "\"other\"", "id-" + i)).isInstanceOf(IdConflict.class);
        }
    }

    @Test
    void expiredStateRecordsAreSweptAndOthersStay() throws Exception {
        try (RocksLog log = RocksLog.open(directory, options)) {
            StateStore state = log.state();
            for (int i = 0; i < 50; i++) {
                long expiresAtMs = i % 5 == 0 ? StateStore.NEVER : clock.millis() + 1000;
                state.put("p", "key-" + i, new byte[] {1}, StateStore.ABSENT, expiresAtMs)
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);
            }
            clock.advance(Duration.ofSeconds(2));

            ((RocksStateStore) state).sweep();

            await().until(() -> rows(log, "state") == 10);
            assertThat(state.scan("p", "", "", 100).toCompletableFuture().get().records())
                    .hasSize(10);
        }
    }

    private static Object publish(RocksLog log, String json, String messageId) throws Exception {
        Publish publish = new Publish(TOPIC.value(), json, messageId, -1);
        log.append(publish);
        return publish.await();
    }

    private static int rows(RocksLog log, String family) throws Exception {
        return log.countRows(family).get(30, TimeUnit.SECONDS);
    }
}
