package io.topicstream.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.command.TokenBucket;
import io.topicstream.testkit.ManualClock;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// The small parts by themselves: buckets and ids.
class PartsTest {
    private final ManualClock clock = new ManualClock();

    @Test
    void aBucketFillsAgain() {
        TokenBucket bucket = TokenBucket.of(10.0, 2, clock);

        assertThat(TokenBucket.take(bucket)).isTrue();
        assertThat(TokenBucket.take(bucket)).isTrue();
        assertThat(TokenBucket.take(bucket)).isFalse();
        clock.advance(Duration.ofMillis(100));
        assertThat(TokenBucket.take(bucket)).isTrue();
        assertThat(TokenBucket.take(bucket)).isFalse();
        clock.advance(Duration.ofDays(1));
        assertThat(TokenBucket.take(bucket)).isTrue();
        assertThat(TokenBucket.take(bucket)).isTrue();
        assertThat(TokenBucket.take(bucket)).isFalse();
    }

    @Test
    void aClockThatJumpsBackNeitherFillsNorBlocksABucket() {
        TokenBucket bucket = TokenBucket.of(10.0, 1, clock);
        assertThat(TokenBucket.take(bucket)).isTrue();

        clock.advance(Duration.ofHours(-1));

        assertThat(TokenBucket.take(bucket)).isFalse();
        clock.advance(Duration.ofMillis(100));
        assertThat(TokenBucket.take(bucket)).isTrue();
    }

    @Test
    void noRateIsNoLimitAndZeroBlocks() {
        assertThat(TokenBucket.of(null, null, clock)).isNull();
        assertThat(TokenBucket.of(null, 5, clock)).isNull();
        assertThat(TokenBucket.take(null)).isTrue();
        assertThat(TokenBucket.take(TokenBucket.of(0.0, 5, clock))).isFalse();
        assertThat(TokenBucket.take(TokenBucket.of(5.0, 0, clock))).isFalse();
        assertThat(TokenBucket.take(TokenBucket.of(null, 0, clock))).isFalse();
    }

    @Test
    void withoutABurstASecondsWorthComesAtOnce() {
        TokenBucket three = TokenBucket.of(2.5, null, clock);
        for (int i = 0; i < 3; i++) {
            assertThat(TokenBucket.take(three)).isTrue();
        }
        assertThat(TokenBucket.take(three)).isFalse();

        TokenBucket slow = TokenBucket.of(0.1, null, clock);
        assertThat(TokenBucket.take(slow)).isTrue();
        assertThat(TokenBucket.take(slow)).isFalse();
    }

    @Test
    void idsAreSixteenCharactersAndNeverTheSame() {
        RequestIds ids = new RequestIds(42);
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            String id = ids.get();
            assertThat(id).matches("[A-Za-z0-9_-]{15}=");
            assertThat(seen.add(id)).isTrue();
        }
        assertThat(new RequestIds(42).get()).isEqualTo(new RequestIds(42).get());
        assertThat(new RequestIds(43).get()).isNotEqualTo(new RequestIds(42).get());
    }
}
