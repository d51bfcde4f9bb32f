package io.topicstream.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoopClockTest {
    private Instant wall = Instant.parse("2026-11-01T07:08:09Z");
    private long nanos = -5_000_000_000L;
    private final LoopClock clock = new LoopClock(() -> nanos, () -> wall, TimeUnit.SECONDS.toNanos(2));

    @Test
    void theDateHasTwoDigitsForEveryDay() {
        assertThat(clock.date()).isEqualTo("Sun, 01 Nov 2026 07:08:09 GMT");
        assertThat(new String(clock.dateLine(), StandardCharsets.US_ASCII))
                .isEqualTo("\r\nDate: Sun, 01 Nov 2026 07:08:09 GMT\r\n");

        wall = wall.plusSeconds(1);

        assertThat(clock.date()).endsWith("07:08:10 GMT");
    }

    @Test
    void theTimeOfTheLoopMovesWithItsTicksAloneAndInBoundedSteps() {
        int before = clock.nowMs();

        nanos += TimeUnit.SECONDS.toNanos(1);
        assertThat(clock.nowMs()).isEqualTo(before);
        assertThat(clock.exactMs()).isEqualTo(1000);
        clock.tick();
        assertThat(clock.nowMs() - before).isEqualTo(1000);

        nanos += TimeUnit.HOURS.toNanos(1);
        clock.tick();
        assertThat(clock.nowMs() - before).isEqualTo(3000);
        assertThat(clock.nowNs()).isEqualTo(nanos);
    }

    @Test
    void theMillisecondsWrapAroundAfterAMinute() {
        int before = clock.nowMs();
        for (int i = 0; i < 31; i++) {
            nanos += TimeUnit.SECONDS.toNanos(2);
            clock.tick();
        }

        assertThat(clock.nowMs()).isNegative();
        assertThat(clock.nowMs() - before).isEqualTo(62_000);
    }
}
