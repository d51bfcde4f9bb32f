package io.topicstream.people;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What one node has of one member of a topic.
///
/// ```
/// 1 byte   version, 1
/// 4 bytes  number of connections
/// 8 bytes  since, epoch milliseconds
/// rest     the name in UTF-8, or nothing
/// ```
///
/// @param name as it is shown, or null
/// @param connections how many, at least 1
/// @param since epoch milliseconds
record PresenceEntry(@Nullable String name, int connections, long since) {
    private static final byte VERSION = 1;
    private static final int HEAD = 1 + Integer.BYTES + Long.BYTES;

    PresenceEntry with(int number) {
        return new PresenceEntry(name, number, since);
    }

    PresenceEntry with(@Nullable String otherName) {
        return new PresenceEntry(otherName, connections, since);
    }

    byte[] encode() {
        byte[] text = name == null ? new byte[0] : name.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(HEAD + text.length)
                .put(VERSION)
                .putInt(connections)
                .putLong(since)
                .put(text)
                .array();
    }

    /// The entry, or null where a later version wrote the bytes.
    static @Nullable PresenceEntry decode(byte[] value) {
        if (value.length < HEAD || value[0] != VERSION) {
            return null;
        }
        ByteBuffer in = ByteBuffer.wrap(value, 1, value.length - 1);
        int connections = in.getInt();
        long since = in.getLong();
        String name =
                value.length == HEAD ? null : new String(value, HEAD, value.length - HEAD, StandardCharsets.UTF_8);
        return new PresenceEntry(name, connections, since);
    }
}
