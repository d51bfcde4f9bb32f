package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult;
import io.topicstream.log.TopicName;
import io.topicstream.migration.KnownId;
import io.topicstream.testkit.ManualClock;
import io.topicstream.testkit.RecordingAppend;
import io.topicstream.testkit.RecordingLane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Ids of messages in the order of these, however few are held at once.
class ExportedIdsTest {
    private static final TopicName TALK = new TopicName("talk");
    private static final int MESSAGES = 50;

    @TempDir
    Path directory;

    private final ManualClock clock = new ManualClock();

    /// Every third message has none; they are of several periods.
    private void fill() throws Exception {
        try (RocksLog log = RocksLog.open(directory, StoreUnderTest.small().withClock(clock));
                RecordingLane lane = RecordingLane.threaded("ids")) {
            for (int n = 1; n <= MESSAGES; n++) {
                RecordingAppend append = RecordingAppend.to(TALK)
                        .message(Integer.toString(n), n % 3 == 0 ? null : "id-" + n)
                        .on(lane);
                log.append(append);
                assertThat(append.answer().get(30, TimeUnit.SECONDS)).isInstanceOf(AppendResult.Appended.class);
                clock.advance(Duration.ofMinutes(25));
            }
        }
    }

    @Test
    void theyComeInOrderAndEachOnce() throws Exception {
        fill();
        List<Long> all = LongStream.rangeClosed(1, MESSAGES)
                .filter(n -> n % 3 != 0)
                .boxed()
                .toList();
        for (int atOnce : new int[] {1, 2, 7, MESSAGES}) {
            try (ReadOnlyStore rows = new ReadOnlyStore(directory.resolve("db"))) {
                ExportedIds ids = new ExportedIds(rows, 1, 1, 0, atOnce);
                List<Long> found = new ArrayList<>();
                for (long offset = 1; offset <= MESSAGES + 1; offset += 4) {
                    long end = offset;
                    assertThat(ids.before(end))
                            .allMatch(id -> id.offset() < end)
                            .allSatisfy(id -> {
                                assertThat(id.messageId()).isEqualTo("id-" + id.offset());
                                found.add(id.offset());
                            });
                }
                ids.before(Long.MAX_VALUE).forEach(id -> found.add(id.offset()));

                assertThat(found).as("%d at once", atOnce).isEqualTo(all);
            }
        }
    }

    @Test
    void thoseThatAreForgottenAndThoseBeforeAreLeftOut() throws Exception {
        fill();
        long forgottenMs = clock.millis() - Duration.ofMinutes(25 * 20).toMillis() - 1;
        try (ReadOnlyStore rows = new ReadOnlyStore(directory.resolve("db"))) {
            assertThat(new ExportedIds(rows, 1, 1, forgottenMs, 3).before(Long.MAX_VALUE))
                    .extracting(KnownId::offset)
                    .first()
                    .isEqualTo(31L);
            assertThat(new ExportedIds(rows, 1, 40, 0, 3).before(Long.MAX_VALUE))
                    .extracting(KnownId::offset)
                    .first()
                    .isEqualTo(40L);
        }
    }
}
