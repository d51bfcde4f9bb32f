package io.topicstream.state;

import java.nio.ByteBuffer;

/// The value of a record that holds a number, as [StateStore#advance] keeps it: from 0, in eight bytes, the
/// highest first.
public final class StateNumber {
    /// Stands for a value that is no number.
    public static final long NONE = -1;

    private StateNumber() {}

    /// The value for a number.
    public static byte[] bytes(long number) {
        if (number < 0) {
            throw new IllegalArgumentException("a number of a record is 0 or more: " + number);
        }
        return ByteBuffer.allocate(Long.BYTES).putLong(number).array();
    }

    /// The number that the value is, or [#NONE].
    public static long of(byte[] value) {
        return value.length == Long.BYTES
                ? Math.max(NONE, ByteBuffer.wrap(value).getLong())
                : NONE;
    }
}
