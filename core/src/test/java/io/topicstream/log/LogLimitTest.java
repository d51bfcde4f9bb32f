package io.topicstream.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.ManualClock;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LogLimitTest {
    private final ManualClock clock = new ManualClock();
    private final LogLimit limit = new LogLimit(clock, 3);

    @Test
    void oneLineAMinuteAndKind() {
        assertThat(limit.permits("refused")).isTrue();
        assertThat(limit.permits("refused")).isFalse();
        assertThat(limit.permits("failed")).isTrue();

        clock.advance(Duration.ofMillis(59_999));
        assertThat(limit.permits("refused")).isFalse();
        clock.advance(Duration.ofMillis(1));
        assertThat(limit.permits("refused")).isTrue();
    }

    @Test
    void theNextLineCanSayHowManyWereHeldBack() {
        assertThat(limit.permits("refused")).isTrue();
        assertThat(limit.heldBack("refused")).isZero();
        for (int i = 0; i < 41; i++) {
            assertThat(limit.permits("refused")).isFalse();
        }

        clock.advance(Duration.ofMinutes(1));
        assertThat(limit.permits("refused")).isTrue();
        assertThat(limit.permits("refused")).isFalse();

        assertThat(limit.heldBack("refused")).isEqualTo(41);
        clock.advance(Duration.ofMinutes(1));
        assertThat(limit.permits("refused")).isTrue();
        assertThat(limit.heldBack("refused")).isEqualTo(1);
    }

    @Test
    void aClockThatIsSetBackDoesNotSilenceTheLog() {
        assertThat(limit.permits("refused")).isTrue();

        clock.advance(Duration.ofHours(-1));

        assertThat(limit.permits("refused")).isTrue();
        assertThat(limit.permits("refused")).isFalse();
    }

    @Test
    void kindsAreBoundedAndThoseTooManyAreCountedAsOne() {
        int permitted = 0;
        for (int kind = 0; kind < 10_000; kind++) {
            permitted += limit.permits("kind-" + kind) ? 1 : 0;
        }
        assertThat(permitted).isEqualTo(4);

        clock.advance(Duration.ofMinutes(1));
        assertThat(limit.permits("new")).isTrue();
        assertThat(limit.permits("new")).isFalse();
        assertThat(limit.permits("kind-0")).isTrue();
    }

    @Test
    void manyThreadsGetOneLine() throws InterruptedException {
        AtomicInteger permitted = new AtomicInteger();
        Thread[] threads = new Thread[8];
        for (int i = 0; i < threads.length; i++) {
            threads[i] = Thread.ofPlatform().start(() -> {
                for (int n = 0; n < 1_000; n++) {
                    permitted.addAndGet(limit.permits("refused") ? 1 : 0);
                }
            });
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(permitted.get()).isEqualTo(1);
        clock.advance(Duration.ofMinutes(1));
        assertThat(limit.permits("refused")).isTrue();
        assertThat(limit.heldBack("refused")).isEqualTo(7_999);
    }
}
