package io.topicstream.rocksdb;

import io.topicstream.row.BadRowException;
import io.topicstream.row.Bytes;
import io.topicstream.state.StateLimits;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A row of the family `state`: a keyed, versioned record.
///
/// ```
/// key    partition, UTF-8 | NUL 1 | key, UTF-8
/// value  format version 1 (1) | version 8 | expires at 8 (epoch milliseconds) | the record's value
/// ```
///
/// Neither part holds a NUL, so keys of one partition stand together, in the order of their bytes.
///
/// @param version of the record, from 1
/// @param value owned by the row
@SuppressWarnings("ArrayRecordComponent") // has its own equals
record StateRow(long version, long expiresAtMs, byte[] value) {
    private static final byte VERSION = 1;

    static byte[] key(String partition, String key) {
        byte[] first = StateLimits.name(partition);
        byte[] second = StateLimits.name(key);
        byte[] joined = Arrays.copyOf(first, first.length + 1 + second.length);
        System.arraycopy(second, 0, joined, first.length + 1, second.length);
        return joined;
    }

    /// Where the keys of a partition begin that start with the prefix.
    static byte[] prefix(String partition, String prefix) {
        byte[] first = StateLimits.name(partition);
        byte[] second = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] joined = Arrays.copyOf(first, first.length + 1 + second.length);
        System.arraycopy(second, 0, joined, first.length + 1, second.length);
        return joined;
    }

    static String keyOf(byte[] row, int partitionBytes) {
        return new String(row, partitionBytes + 1, row.length - partitionBytes - 1, StandardCharsets.UTF_8);
    }

    int valueBytes() {
        return 17 + value.length;
    }

    void putValue(ByteBuffer to) {
        to.put(VERSION).putLong(version).putLong(expiresAtMs).put(value);
    }

    static StateRow of(byte[] row) {
        ByteBuffer from = ByteBuffer.wrap(row);
        try {
            byte format = from.get();
            if (format != VERSION) {
                throw new BadRowException(
                        "a state record has the format version " + format + ", which this version does not know");
            }
            return new StateRow(from.getLong(), from.getLong(), Bytes.getBytes(from, from.remaining()));
        } catch (BufferUnderflowException e) {
            throw new BadRowException("a state record ends too early", e);
        }
    }

    boolean isExpired(long nowMs) {
        return expiresAtMs <= nowMs;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof StateRow that
                && version == that.version
                && expiresAtMs == that.expiresAtMs
                && Arrays.equals(value, that.value);
    }

    @Override
    public int hashCode() {
        return Objects.hash(version, expiresAtMs, Arrays.hashCode(value));
    }
}
