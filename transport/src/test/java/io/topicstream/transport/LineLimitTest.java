package io.topicstream.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.LogLines;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LineLimitTest {
    private static final long HELD_BACK = -1;

    private long nowNs = Long.MAX_VALUE - 5;
    private final LineLimit lines = new LineLimit(() -> nowNs, 2);

    @Test
    void oneLineAMinuteAndKindAndTheNextSaysHowManyWereHeldBack() {
        assertThat(lines.permit("one")).isZero();
        assertThat(lines.permit("one")).isEqualTo(HELD_BACK);
        nowNs += TimeUnit.SECONDS.toNanos(59);
        assertThat(lines.permit("one")).isEqualTo(HELD_BACK);
        assertThat(lines.permit("another")).isZero();

        nowNs += TimeUnit.SECONDS.toNanos(1);

        assertThat(lines.permit("one")).isEqualTo(2);
        assertThat(lines.permit("one")).isEqualTo(HELD_BACK);
        nowNs += TimeUnit.SECONDS.toNanos(60);
        assertThat(lines.permit("one")).isEqualTo(1);
    }

    @Test
    void kindsPastTheMostAreCountedAsOneUntilOthersAreOver() {
        assertThat(lines.permit("first")).isZero();
        assertThat(lines.permit("second")).isZero();
        assertThat(lines.permit("third")).isZero();
        assertThat(lines.permit("fourth")).isEqualTo(HELD_BACK);
        assertThat(lines.permit("first")).isEqualTo(HELD_BACK);

        nowNs += TimeUnit.SECONDS.toNanos(60);

        assertThat(lines.permit("fifth")).isZero();
        assertThat(lines.permit("sixth")).isZero();
        assertThat(lines.permit("first")).isZero();
        assertThat(lines.permit("second")).isEqualTo(HELD_BACK);
    }

    @Test
    void theLineIsWrittenAsItStandsWithItsCountBehindIt() {
        System.Logger log = System.getLogger("io.topicstream.transport.LineLimitTest");
        try (LogLines written = new LogLines()) {
            for (int i = 0; i < 3; i++) {
                lines.log(log, System.Logger.Level.WARNING, "kind", "a {line} isn't a pattern", null);
            }
            nowNs += TimeUnit.SECONDS.toNanos(60);
            lines.log(log, System.Logger.Level.WARNING, "kind", "a {line} isn't a pattern", null);

            assertThat(written.with("a {line} isn't a pattern"))
                    .containsExactly("a {line} isn't a pattern", "a {line} isn't a pattern (and 2 times before)");
        }
    }
}
