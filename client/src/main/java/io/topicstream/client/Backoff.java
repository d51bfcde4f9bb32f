package io.topicstream.client;

import java.util.random.RandomGenerator;

/// How long to wait before the next attempt: exponential with full jitter, so that clients that lost a server
/// at one moment do not come back at one moment. Each wait is drawn evenly from 0 to a bound that doubles from
/// `baseMs` to `capMs`. Owned by the client's thread.
final class Backoff {
    private final long baseMs;
    private final long capMs;
    private final RandomGenerator random;
    private int failures;

    Backoff(long baseMs, long capMs, RandomGenerator random) {
        if (baseMs < 1 || capMs < baseMs) {
            throw new IllegalArgumentException("back-off wants 1 <= base <= cap");
        }
        this.baseMs = baseMs;
        this.capMs = capMs;
        this.random = random;
    }

    /// The next wait, in milliseconds.
    long nextMs() {
        long bound = boundMs(failures);
        failures = Math.min(failures + 1, Long.SIZE);
        return random.nextLong(bound + 1);
    }

    /// Makes the next wait at least as long as after so many failures.
    void atLeast(int count) {
        failures = Math.max(failures, count);
    }

    /// Begins anew, after a connection that held.
    void reset() {
        failures = 0;
    }

    private long boundMs(int doublings) {
        return doublings >= Long.numberOfLeadingZeros(baseMs) - 1 ? capMs : Math.min(capMs, baseMs << doublings);
    }
}
