package io.topicstream.server.http;

import io.topicstream.protocol.ErrorCode;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;

/// How many errors clients were answered with, by code. Thread-safe; one for all front doors of a server.
public final class ErrorCounts {
    /// Has every code, and is only read once it is made.
    private final Map<ErrorCode, LongAdder> counts = new EnumMap<>(ErrorCode.class);

    /// All zero.
    public ErrorCounts() {
        for (ErrorCode code : ErrorCode.values()) {
            counts.put(code, new LongAdder());
        }
    }

    private LongAdder counter(ErrorCode code) {
        return Objects.requireNonNull(counts.get(code));
    }

    /// Counts one.
    public void count(ErrorCode code) {
        counter(code).increment();
    }

    /// Counts one by its name on the wire.
    public void count(String wireName) {
        ErrorCode code = ErrorCode.ofWireName(wireName);
        count(code == null ? ErrorCode.INTERNAL : code);
    }

    /// How many there were.
    public long of(ErrorCode code) {
        return counter(code).sum();
    }
}
