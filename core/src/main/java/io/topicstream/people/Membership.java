package io.topicstream.people;

import io.topicstream.log.Extent;
import io.topicstream.protocol.From;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// That a topic belongs to a user, and since when: the value of a record of [Memberships].
///
/// | bytes | what |
/// | --- | --- |
/// | 1 | version, 1 |
/// | 8 | since when, epoch milliseconds |
/// | 8 | the epoch of the topic when it became the user's |
/// | 8 | its next offset then |
///
/// Numbers are big-endian. Version 0.1.0 wrote 8 bytes, since when, and nothing else.
///
/// @param sinceMs epoch milliseconds, or 0 where that is not known
/// @param position where the topic stood, or null where that is not known
public record Membership(long sinceMs, @Nullable Position position) {
    private static final byte VERSION = 1;
    private static final int UNVERSIONED_BYTES = Long.BYTES;
    private static final long UNKNOWN_SINCE = 0;
    private static final int BYTES = 1 + 3 * Long.BYTES;

    /// A place in a topic.
    ///
    /// @param nextOffset of the first message that came afterwards
    public record Position(long epoch, long nextOffset) {}

    static Membership beginning(long nowMs, Extent extent) {
        return new Membership(nowMs, new Position(extent.epoch(), extent.nextOffset()));
    }

    /// Where a connection begins that was open before: with the first message that came afterwards.
    public From start() {
        return position == null ? From.NEW : new From.Resume(position.epoch(), position.nextOffset() - 1);
    }

    byte[] encode() {
        Position from = Objects.requireNonNull(position, "it is known where the topic stands");
        return ByteBuffer.allocate(BYTES)
                .put(VERSION)
                .putLong(sinceMs)
                .putLong(from.epoch())
                .putLong(from.nextOffset())
                .array();
    }

    /// A later version may say more, and says at least that the topic is the user's.
    static Membership decode(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        if (value.length == UNVERSIONED_BYTES) {
            return new Membership(in.getLong(), null);
        }
        if (value.length != BYTES || in.get() != VERSION) {
            return new Membership(UNKNOWN_SINCE, null);
        }
        return new Membership(in.getLong(), new Position(in.getLong(), in.getLong()));
    }
}
