package io.topicstream.tail;

import io.topicstream.state.StateRecord;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// How far a reader of a topic is, as it is stored: one format byte, then the life of the log, the next
/// offset, and how many messages it never saw, 8 bytes each, big-endian.
///
/// @param epoch the life of the log in which the offset holds; [#ANY_EPOCH] where it was never compared
///     with one
/// @param next the offset that is wanted next, from 1
/// @param missed how many messages were trimmed before they were read
public record Place(long epoch, long next, long missed) {
    /// For a place that holds in whatever life the log has.
    public static final long ANY_EPOCH = -1;

    private static final byte FORMAT = 1;
    private static final int BYTES = 1 + 3 * Long.BYTES;

    public Place {
        if (next < 1 || missed < 0) {
            throw new IllegalArgumentException("no place: " + next + ", " + missed);
        }
    }

    /// The beginning of what is kept of a topic after an offset.
    ///
    /// @param next the offset, from 1
    public static Place at(long next) {
        return new Place(ANY_EPOCH, next, 0);
    }

    /// As it is stored.
    public byte[] encode() {
        return ByteBuffer.allocate(BYTES)
                .put(FORMAT)
                .putLong(epoch)
                .putLong(next)
                .putLong(missed)
                .array();
    }

    /// As it was stored; null where nothing was.
    ///
    /// @throws IllegalStateException for what this version cannot have written
    public static @Nullable Place of(@Nullable StateRecord record) {
        if (record == null) {
            return null;
        }
        ByteBuffer value = ByteBuffer.wrap(record.value());
        if (value.remaining() != BYTES || value.get() != FORMAT) {
            throw new IllegalStateException("the place " + record.key() + " has a format that is not known");
        }
        return new Place(value.getLong(), value.getLong(), value.getLong());
    }
}
