package io.topicstream.tail;

import io.topicstream.state.StateRecord;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// How far a reader of a topic is, as it is stored: one format byte, then the life of the log, the next
/// offset, and how many messages it never saw, 8 bytes each, big-endian. Where it was moved back there
/// is one more: up to where it has read before; then the format is another.
///
/// @param epoch the life of the log in which the offset holds; [#ANY_EPOCH] where it was never compared
///     with one
/// @param next the offset that is wanted next, from 1
/// @param missed how many messages were trimmed before they were read
/// @param readBefore messages below this offset may have been read before, though they are behind
///     [#next]; 0 where there are none such
public record Place(long epoch, long next, long missed, long readBefore) {
    /// For a place that holds in whatever life the log has.
    public static final long ANY_EPOCH = -1;

    private static final byte FORMAT = 1;
    private static final int BYTES = 1 + 3 * Long.BYTES;
    private static final byte MOVED_FORMAT = 2;
    private static final int MOVED_BYTES = BYTES + Long.BYTES;

    public Place {
        if (next < 1 || missed < 0) {
            throw new IllegalArgumentException("no place: " + next + ", " + missed);
        }
        readBefore = readBefore > next ? readBefore : 0;
    }

    /// One that was not moved back.
    public Place(long epoch, long next, long missed) {
        this(epoch, next, missed, 0);
    }

    /// The beginning of what is kept of a topic after an offset.
    ///
    /// @param next the offset, from 1
    public static Place at(long next) {
        return new Place(ANY_EPOCH, next, 0);
    }

    /// As it is stored.
    public byte[] encode() {
        boolean isMoved = readBefore > 0;
        ByteBuffer value = ByteBuffer.allocate(isMoved ? MOVED_BYTES : BYTES)
                .put(isMoved ? MOVED_FORMAT : FORMAT)
                .putLong(epoch)
                .putLong(next)
                .putLong(missed);
        return (isMoved ? value.putLong(readBefore) : value).array();
    }

    /// As it was stored; null where nothing was.
    ///
    /// @throws IllegalStateException for what this version cannot have written
    public static @Nullable Place of(@Nullable StateRecord record) {
        if (record == null) {
            return null;
        }
        ByteBuffer value = ByteBuffer.wrap(record.value());
        byte format = value.hasRemaining() ? value.get() : 0;
        boolean isMoved = format == MOVED_FORMAT && value.limit() == MOVED_BYTES;
        if (!isMoved && (format != FORMAT || value.limit() != BYTES)) {
            throw new IllegalStateException("the place " + record.key() + " has a format that is not known");
        }
        return new Place(value.getLong(), value.getLong(), value.getLong(), isMoved ? value.getLong() : 0);
    }
}
