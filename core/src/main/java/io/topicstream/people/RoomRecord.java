package io.topicstream.people;

import io.topicstream.policy.PresencePolicy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// What is kept of a room: the value of a record of [Rooms].
///
/// | bytes | what |
/// | --- | --- |
/// | 1 | version, 1; or 2 where the room has a policy of its own |
/// | 8 | when it was made, epoch milliseconds |
/// | 1 + n | the owner's id: its length, and ASCII |
/// | 1 | in version 2: who is in it is kept and told as 1 `off`, 2 `on_request`, 3 `counts`, 4 `names` |
/// | n | the title, UTF-8; nothing where it has none |
///
/// @param owner a user's id
/// @param created epoch milliseconds
/// @param presence what is kept and told of who is in it; null where what is configured holds
public record RoomRecord(
        String owner,
        long created,
        @Nullable String title,
        @Nullable PresencePolicy presence) {
    private static final byte VERSION = 1;
    private static final byte WITH_POLICY = 2;
    private static final int FIXED_BYTES = 1 + Long.BYTES + 1;

    /// One without a policy of its own.
    public RoomRecord(String owner, long created, @Nullable String title) {
        this(owner, created, title, null);
    }

    byte[] encode() {
        byte[] whose = owner.getBytes(StandardCharsets.US_ASCII);
        byte[] text = title == null ? new byte[0] : title.getBytes(StandardCharsets.UTF_8);
        int policyBytes = presence == null ? 0 : 1;
        ByteBuffer out = ByteBuffer.allocate(FIXED_BYTES + whose.length + policyBytes + text.length)
                .put(presence == null ? VERSION : WITH_POLICY)
                .putLong(created)
                .put((byte) whose.length)
                .put(whose);
        if (presence != null) {
            out.put(number(presence));
        }
        return out.put(text).array();
    }

    private static byte number(PresencePolicy presence) {
        return switch (presence) {
            case OFF -> 1;
            case ON_REQUEST -> 2;
            case COUNTS -> 3;
            case NAMES -> 4;
        };
    }

    /// @throws IllegalStateException if this version does not know it
    static RoomRecord decode(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        byte version = value.length < FIXED_BYTES ? 0 : in.get();
        if (version != VERSION && version != WITH_POLICY) {
            throw new IllegalStateException("the record of a room cannot be read");
        }
        long created = in.getLong();
        byte[] whose = new byte[Math.min(Byte.toUnsignedInt(in.get()), in.remaining())];
        in.get(whose);
        PresencePolicy presence = version == WITH_POLICY ? presence(in.hasRemaining() ? in.get() : 0) : null;
        String text = StandardCharsets.UTF_8.decode(in).toString();
        return new RoomRecord(
                new String(whose, StandardCharsets.US_ASCII), created, text.isEmpty() ? null : text, presence);
    }

    private static PresencePolicy presence(byte number) {
        for (PresencePolicy each : PresencePolicy.values()) {
            if (number(each) == number) {
                return each;
            }
        }
        throw new IllegalStateException("the record of a room has a policy that cannot be read");
    }
}
