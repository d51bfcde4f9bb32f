package io.topicstream.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicName;
import io.topicstream.row.BadRowException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A trim that comes between the look at a topic and the read of it is not damage.
@Timeout(60)
class TrimmedWhileReadTest {
    private static final TopicName TOPIC = new TopicName("room:1");
    private static final int MESSAGES = 10;

    @TempDir
    private Path directory;

    private final AtomicInteger reads = new AtomicInteger();
    private RocksLog log;

    @BeforeEach
    void storeSomeMessages() throws Exception {
        log = RocksLog.open(directory, StoreUnderTest.small());
        for (int i = 1; i <= MESSAGES; i++) {
            Publish publish = Publish.to(TOPIC.value(), Integer.toString(i));
            log.append(publish);
            publish.await();
        }
    }

    @AfterEach
    void close() {
        log.close();
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void aPageBeginsAgainFromTheNewFront(Direction direction) throws Exception {
        long from = direction == Direction.FORWARD ? 1 : MESSAGES;

        Page page = LogReader.read(log.life(), TOPIC, view -> {
            trimOnce(5);
            return LogReader.page(log.life(), view, from, direction, 100, 10_000);
        });

        assertThat(page.messages()).extracting(Message::offset).containsExactly(5L, 6L, 7L, 8L, 9L, 10L);
        assertThat(page.extent().firstOffset()).isEqualTo(5);
        assertThat(reads).hasValue(2);
    }

    @ParameterizedTest
    @EnumSource(Direction.class)
    void aPageOfATopicThatIsTrimmedWholeIsEmpty(Direction direction) throws Exception {
        Page page = LogReader.read(log.life(), TOPIC, view -> {
            trimOnce(MESSAGES + 1);
            return LogReader.page(log.life(), view, 3, direction, 100, 10_000);
        });

        assertThat(page.messages()).isEmpty();
        assertThat(page.extent().firstOffset()).isEqualTo(MESSAGES + 1);
        assertThat(page.extent().nextOffset()).isEqualTo(MESSAGES + 1);
    }

    @Test
    void aPageInFrontOfTheTrimIsEmptyWhenReadBackward() throws Exception {
        Page page = LogReader.read(log.life(), TOPIC, view -> {
            trimOnce(5);
            return LogReader.page(log.life(), view, 3, Direction.BACKWARD, 100, 10_000);
        });

        assertThat(page.messages()).isEmpty();
        assertThat(page.extent().firstOffset()).isEqualTo(5);
    }

    @Test
    void positionsAreLookedForAgain() throws Exception {
        Life life = log.life();

        long at = LogReader.read(life, TOPIC, view -> {
            trimOnce(5);
            return LogReader.offsetAt(life, view, 0);
        });
        assertThat(at).isEqualTo(5);

        reads.set(0);
        long last = LogReader.read(life, TOPIC, view -> {
            trimOnce(8);
            return LogReader.lastOffsetIn(life, view, life.epoch() - 1);
        });
        assertThat(last).isZero();
    }

    @Test
    void aTopicWhoseLastMessageIsTrimmedWhileItsTailIsReadHasARowThatSaysSo() throws Exception {
        trimOnce(MESSAGES + 1);

        TopicTail tail = TopicTail.read(log.life().store, TOPIC.value());

        assertThat(tail.firstOffset()).isEqualTo(MESSAGES + 1);
        assertThat(tail.nextOffset()).isEqualTo(MESSAGES + 1);
    }

    @Test
    void whatIsMissingWithoutATrimIsStillDamage() {
        assertThatThrownBy(() -> LogReader.read(log.life(), TOPIC, view -> {
                    reads.incrementAndGet();
                    throw new BadRowException("messages 1 to 4 are missing");
                }))
                .isInstanceOf(BadRowException.class);
        assertThat(reads).hasValue(1);
    }

    /// Trims when it is called first, and waits until the rows are gone.
    private void trimOnce(long before) {
        if (reads.getAndIncrement() > 0) {
            return;
        }
        log.trim(TOPIC, before).toCompletableFuture().join();
        await().until(() -> log.countRows("log").join() == MESSAGES + 1 - before);
    }
}
