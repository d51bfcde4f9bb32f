package io.topicstream.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.LogLimit;
import java.net.InetAddress;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.Test;

class FailedCredentialsTest {
    private final AtomicLong nowMs = new AtomicLong(10_000_000);
    private final FailedCredentials failures = new FailedCredentials(() -> Instant.ofEpochMilli(nowMs.get()), 3, 100);

    private static InetAddress address(String literal) {
        return InetAddress.ofLiteral(literal);
    }

    private void fail(String address, int times) {
        for (int i = 0; i < times; i++) {
            failures.count(address(address));
        }
    }

    private boolean isExhausted(String address) {
        return failures.count(address(address));
    }

    @Test
    void anAddressIsExhaustedAfterTheLimitUntilItsWindowEnds() {
        fail("192.0.2.1", 2);
        assertThat(isExhausted("192.0.2.1")).isFalse();
        assertThat(isExhausted("192.0.2.1")).isTrue();
        assertThat(isExhausted("192.0.2.2")).isFalse();

        nowMs.addAndGet(59_999);
        assertThat(isExhausted("192.0.2.1")).isTrue();
        nowMs.addAndGet(1);
        assertThat(isExhausted("192.0.2.1")).isFalse();
    }

    @Test
    void addressesOfOneIpv6NetworkAreOne() {
        fail("2001:db8:1:2::1", 1);
        fail("2001:db8:1:2:ffff::2", 2);

        assertThat(isExhausted("2001:db8:1:2:3::3")).isTrue();
        assertThat(isExhausted("2001:db8:1:3::1")).isFalse();
    }

    @Test
    void anIpv4AddressInIpv6ClothesIsTheSame() {
        fail("::ffff:192.0.2.1", 3);

        assertThat(isExhausted("192.0.2.1")).isTrue();
        assertThat(isExhausted("192.0.2.2")).isFalse();
    }

    @Test
    void aClockThatIsSetBackBeginsANewWindow() {
        fail("192.0.2.1", 3);
        nowMs.addAndGet(-3_600_000);

        assertThat(isExhausted("192.0.2.1")).isFalse();
    }

    @Test
    void theLogSaysOnceAMinuteWhereTheyComeFromAndHowMany() {
        List<String> lines = new ArrayList<>();
        Logger logger = Logger.getLogger(FailedCredentials.class.getName());
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord line) {
                lines.add(new SimpleFormatter().formatMessage(line));
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        logger.addHandler(handler);
        try {
            fail("192.0.2.1", 1000);
            fail("192.0.2.2", 1000);
            nowMs.addAndGet(LogLimit.WINDOW_MS);
            fail("192.0.2.3", 2);
        } finally {
            logger.removeHandler(handler);
        }

        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).startsWith("a wrong credential from 192.0.2.1 (1 from there");
        assertThat(lines.get(1)).startsWith("3 wrong credentials from 192.0.2.1 within a minute");
        assertThat(lines.get(2))
                .startsWith("a wrong credential from 192.0.2.3 (1 from there")
                .contains("1998 more from everywhere");
    }

    @Test
    void manyAddressesTakeBoundedMemoryAndEndedOnesNone() {
        for (int i = 0; i < 10_000; i++) {
            fail("198.18." + (i / 256) + "." + (i % 256), 1);
        }
        assertThat(failures.size()).isEqualTo(100);

        nowMs.addAndGet(60_000);
        fail("192.0.2.1", 1);
        assertThat(failures.size()).isEqualTo(1);
        assertThat(failures.total()).as("none of them forgotten").isEqualTo(10_001);
    }
}
