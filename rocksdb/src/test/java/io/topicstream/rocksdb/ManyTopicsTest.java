package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.Admission;
import io.topicstream.log.AppendResult.Appended;
import io.topicstream.log.Direction;
import io.topicstream.log.TopicName;
import java.nio.file.Path;
import java.util.ArrayDeque;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Many topics that nobody uses any more cost disk, and nothing else.
@Timeout(120)
class ManyTopicsTest {
    private static final int TOPICS = 200_000;
    private static final int ENTRIES = 1_000;

    @TempDir
    private Path directory;

    @Test
    void anIdleTopicCostsNoHeap() throws Exception {
        RocksOptions options = RocksOptions.DEFAULTS.withMemory(8 << 20, 16 << 20, ENTRIES);
        try (RocksLog log = RocksLog.open(directory, options)) {
            append(log, 0, 2 * ENTRIES);
            long before = heapBytes();

            append(log, 2 * ENTRIES, TOPICS);

            // An entry that was just used is let go of when others come.
            await().until(() -> log.entries() <= 2 * ENTRIES);
            double each = (heapBytes() - before) / (double) TOPICS;
            assertThat(each).as("bytes of heap a topic").isLessThan(16);
            for (int i = 0; i < TOPICS; i += 19_999) {
                var page = log.read(new TopicName("user:" + i), 1, Direction.FORWARD, 10, 1000);
                assertThat(page.toCompletableFuture().get().messages()).hasSize(1);
            }
            assertThat(log.topics("user:1", "", 1000).toCompletableFuture().get())
                    .hasSize(1000)
                    .allMatch(topic -> topic.extent().nextOffset() == 2);
        }
    }

    private static void append(RocksLog log, int from, int to) throws Exception {
        ArrayDeque<Publish> window = new ArrayDeque<>();
        for (int i = from; i < to; i++) {
            Publish publish = Publish.to("user:" + i, "1");
            assertThat(log.append(publish)).isNotEqualTo(Admission.REFUSED);
            window.add(publish);
            if (window.size() == 2_000) {
                assertThat(window.remove().await()).isInstanceOf(Appended.class);
            }
        }
        while (!window.isEmpty()) {
            assertThat(window.remove().await()).isInstanceOf(Appended.class);
        }
    }

    /// What is in use when garbage is collected; the least of a few looks.
    private static long heapBytes() {
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 5; i++) {
            System.gc();
            Runtime runtime = Runtime.getRuntime();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
