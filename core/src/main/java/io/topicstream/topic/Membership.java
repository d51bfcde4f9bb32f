package io.topicstream.topic;

import io.topicstream.log.Extent;
import io.topicstream.protocol.From;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// That a topic belongs to a user, and since when: the value of a record of [DurableSubscriptions].
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
/// @param sinceMs epoch milliseconds
/// @param position where the topic stood, or null where that is not known
public record Membership(long sinceMs, @Nullable Position position) {
    private static final byte VERSION = 1;
    private static final int UNVERSIONED_BYTES = Long.BYTES;
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
        if (position == null) {
            return ByteBuffer.allocate(UNVERSIONED_BYTES).putLong(sinceMs).array();
        }
        return ByteBuffer.allocate(BYTES)
                .put(VERSION)
                .putLong(sinceMs)
                .putLong(position.epoch())
                .putLong(position.nextOffset())
                .array();
    }

    /// @throws IllegalArgumentException if this version cannot read it
    static Membership decode(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        if (value.length == UNVERSIONED_BYTES) {
            return new Membership(in.getLong(), null);
        }
        if (value.length < BYTES || in.get() != VERSION) {
            throw new IllegalArgumentException("a durable subscription that this version cannot read");
        }
        return new Membership(in.getLong(), new Position(in.getLong(), in.getLong()));
    }
}
