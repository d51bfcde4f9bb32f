package io.topicstream.server.http;

import io.topicstream.protocol.ErrorCode;
import java.util.concurrent.atomic.LongAdder;

/// How many errors clients were answered with, by code. Thread-safe; one for all front doors of a server.
public final class ErrorCounts {
    private final LongAdder[] counts = new LongAdder[ErrorCode.values().length];

    /// All zero.
    public ErrorCounts() {
        for (int i = 0; i < counts.length; i++) {
            counts[i] = new LongAdder();
        }
    }

    /// Counts one.
    public void count(ErrorCode code) {
        counts[code.ordinal()].increment();
    }

    /// How many there were.
    public long of(ErrorCode code) {
        return counts[code.ordinal()].sum();
    }
}
