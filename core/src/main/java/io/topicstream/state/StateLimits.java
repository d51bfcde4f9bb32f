package io.topicstream.state;

import java.nio.charset.StandardCharsets;

/// What every engine takes, and refuses with an [IllegalArgumentException] before it is asked for.
public final class StateLimits {
    /// The longest partition or key, in bytes of UTF-8.
    public static final int NAME_BYTES = 512;

    private static final int VALUE_BYTES = 256 * 1024;

    private StateLimits() {}

    /// The bytes of a partition or a key.
    public static byte[] name(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        if (utf8.length == 0 || utf8.length > NAME_BYTES || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "a partition or a key is 1 to " + NAME_BYTES + " bytes of UTF-8 without a NUL");
        }
        return utf8;
    }

    /// Refuses a value that is too large.
    public static void checkValue(byte[] value) {
        if (value.length > VALUE_BYTES) {
            throw new IllegalArgumentException("a value is at most " + VALUE_BYTES + " bytes: " + value.length);
        }
    }

    /// Refuses a page without room for a record.
    public static void checkLimit(int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("a scan has a limit of at least 1: " + limit);
        }
    }
}
