package io.topicstream.people;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What is kept of a room: the value of a record of [Rooms].
///
/// | bytes | what |
/// | --- | --- |
/// | 1 | version, 1 |
/// | 8 | when it was made, epoch milliseconds |
/// | 1 + n | the owner's id: its length, and ASCII |
/// | n | the title, UTF-8; nothing where it has none |
///
/// @param owner a user's id
/// @param created epoch milliseconds
public record RoomRecord(
        String owner, long created, @Nullable String title) {
    private static final byte VERSION = 1;
    private static final int FIXED_BYTES = 1 + Long.BYTES + 1;

    byte[] encode() {
        byte[] whose = owner.getBytes(StandardCharsets.US_ASCII);
        byte[] text = title == null ? new byte[0] : title.getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(FIXED_BYTES + whose.length + text.length)
                .put(VERSION)
                .putLong(created)
                .put((byte) whose.length)
                .put(whose)
                .put(text)
                .array();
    }

    /// @throws IllegalStateException if this version does not know it
    static RoomRecord decode(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        if (value.length < FIXED_BYTES || in.get() != VERSION) {
            throw new IllegalStateException("the record of a room cannot be read");
        }
        long created = in.getLong();
        byte[] whose = new byte[Math.min(Byte.toUnsignedInt(in.get()), in.remaining())];
        in.get(whose);
        String text = StandardCharsets.UTF_8.decode(in).toString();
        return new RoomRecord(new String(whose, StandardCharsets.US_ASCII), created, text.isEmpty() ? null : text);
    }
}
