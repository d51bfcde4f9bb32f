package io.topicstream.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BucketsTest {
    private final ManualClock clock = new ManualClock();

    private Buckets buckets(int rate, int burst, int most) {
        return new Buckets(new Rate(rate, burst), most, clock);
    }

    private static boolean take(Buckets buckets, Object caller) {
        return TokenBucket.take(buckets.of(caller));
    }

    @Test
    void eachHasItsOwn() {
        Buckets buckets = buckets(1, 2, 100);

        for (String caller : new String[] {"a", "b", "c"}) {
            assertThat(take(buckets, caller)).isTrue();
            assertThat(take(buckets, caller)).isTrue();
            assertThat(take(buckets, caller)).isFalse();
        }
        assertThat(take(buckets, "a")).isFalse();
    }

    @Test
    void whatIsPutBackMayBeTakenAgainAndNoMore() {
        TokenBucket bucket = buckets(1, 1, 100).of("a");
        assertThat(TokenBucket.take(bucket)).isTrue();

        TokenBucket.giveBack(bucket);
        TokenBucket.giveBack(bucket);
        TokenBucket.giveBack(null);

        assertThat(TokenBucket.take(bucket)).isTrue();
        assertThat(TokenBucket.take(bucket)).isFalse();
    }

    @Test
    void idleOnesLeaveWhenOthersCome() {
        Buckets buckets = buckets(1, 2, 100_000);
        for (int i = 0; i < 1_000; i++) {
            take(buckets, "early" + i);
        }
        clock.advance(Duration.ofMillis(999));
        take(buckets, "nobody is full yet");
        assertThat(buckets.size()).isEqualTo(1_001);

        clock.advance(Duration.ofMillis(1));
        for (int i = 0; i < 1_000; i++) {
            take(buckets, "late" + i);
        }

        assertThat(buckets.size()).isBetween(1_000, 1_010);
    }

    @Test
    void whoComesBackBeforeHisBucketIsFullFindsItAsHeLeftIt() {
        Buckets buckets = buckets(1, 2, 100_000);
        take(buckets, "a");
        take(buckets, "a");
        for (int i = 0; i < 1_000; i++) {
            take(buckets, i);
        }

        assertThat(take(buckets, "a")).isFalse();
    }

    @Test
    void thereAreNeverMoreThanTheBound() {
        Buckets buckets = buckets(1, 1, 50);

        for (int i = 0; i < 1_000; i++) {
            assertThat(take(buckets, i)).isTrue();
            assertThat(buckets.size()).isLessThanOrEqualTo(50);
        }
    }
}
