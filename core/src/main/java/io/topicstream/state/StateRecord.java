package io.topicstream.state;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A record as it was read.
///
/// @param value owned by whoever read it
/// @param version what `ifVersion` must be to change exactly this one; never 0
/// @param expiresAtMs epoch milliseconds, or [StateStore#NEVER]
public record StateRecord(String key, byte[] value, long version, long expiresAtMs) {
    /// What it counts for in a page ([StateStore#PAGE_BYTES]).
    public int sizeBytes() {
        return 64 + key.length() + value.length;
    }

    /// The same, with a value of its own.
    StateRecord copy() {
        return new StateRecord(key, value.clone(), version, expiresAtMs);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StateRecord that
                && key.equals(that.key)
                && Arrays.equals(value, that.value)
                && version == that.version
                && expiresAtMs == that.expiresAtMs;
    }

    @Override
    public int hashCode() {
        return Objects.hash(key, Arrays.hashCode(value), version, expiresAtMs);
    }
}
