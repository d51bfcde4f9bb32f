package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.AppendResult;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// When a message is dated, by a writer whose thread may stand still at any instant.
@Timeout(120)
class WriterClockTest {
    private static final long DAY_MS = Duration.ofDays(1).toMillis();

    @TempDir
    private Path directory;

    /// A clock that does something when the writer has read it and not yet gone on.
    private static final class Hooked implements InstantSource {
        private final AtomicReference<Runnable> next = new AtomicReference<>(() -> {});
        private volatile long nowMs = 1_800_000_000_000L;

        @Override
        public Instant instant() {
            long read = nowMs;
            if (Thread.currentThread().getName().equals("topicstream-log-writer")) {
                next.getAndSet(() -> {}).run();
            }
            return Instant.ofEpochMilli(read);
        }
    }

    @Test
    void aMessageIsNotDatedBeforeItWasPublished() throws Exception {
        Hooked clock = new Hooked();
        try (RocksLog log = RocksLog.open(directory, StoreUnderTest.small().withClock(clock))) {
            // What is known of a topic needs no further turn.
            Publish first = Publish.to("t", "1");
            log.append(first);
            assertThat(first.await()).isInstanceOf(AppendResult.Appended.class);
            CompletableFuture<Publish> published = new CompletableFuture<>();
            long publishedMs = clock.nowMs + DAY_MS;
            clock.next.set(() -> {
                // The writer's thread stands still for a day, and in its evening somebody publishes.
                clock.nowMs = publishedMs;
                Publish publish = Publish.to("t", "2");
                log.append(publish);
                published.complete(publish);
            });
            // Lets the writer begin a turn, if none begins by itself.
            log.append(Publish.to("other", "1"));

            AppendResult result = published.get(60, TimeUnit.SECONDS).await();

            assertThat(result)
                    .isInstanceOfSatisfying(
                            AppendResult.Appended.class,
                            appended -> assertThat(appended.timestamp()).isEqualTo(publishedMs));
        }
    }
}
