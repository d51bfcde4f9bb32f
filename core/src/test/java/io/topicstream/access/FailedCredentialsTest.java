package io.topicstream.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
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

    @Test
    void anAddressIsExhaustedAtTheLimitUntilItsWindowEnds() {
        fail("192.0.2.1", 2);
        assertThat(failures.isExhausted(address("192.0.2.1"))).isFalse();
        fail("192.0.2.1", 1);
        assertThat(failures.isExhausted(address("192.0.2.1"))).isTrue();
        assertThat(failures.isExhausted(address("192.0.2.2"))).isFalse();

        nowMs.addAndGet(59_999);
        assertThat(failures.isExhausted(address("192.0.2.1"))).isTrue();
        nowMs.addAndGet(1);
        assertThat(failures.isExhausted(address("192.0.2.1"))).isFalse();
    }

    @Test
    void addressesOfOneIpv6NetworkAreOne() {
        fail("2001:db8:1:2::1", 1);
        fail("2001:db8:1:2:ffff::2", 2);

        assertThat(failures.isExhausted(address("2001:db8:1:2:3::3"))).isTrue();
        assertThat(failures.isExhausted(address("2001:db8:1:3::1"))).isFalse();
    }

    @Test
    void anIpv4AddressInIpv6ClothesIsTheSame() {
        fail("::ffff:192.0.2.1", 3);

        assertThat(failures.isExhausted(address("192.0.2.1"))).isTrue();
        assertThat(failures.isExhausted(address("192.0.2.2"))).isFalse();
    }

    @Test
    void aClockThatIsSetBackLocksNobodyOut() {
        fail("192.0.2.1", 3);
        nowMs.addAndGet(-3_600_000);

        assertThat(failures.isExhausted(address("192.0.2.1"))).isFalse();
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
    }
}
