package io.topicstream.transport.client;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/// The bytes of one answer that are kept: of its body, and before that of a head that comes in pieces. Memory grows
/// with what has come, not with what was announced. Belongs to its loop.
final class AnswerBody {
    private static final byte[] NOTHING = {};
    private static final int FIRST_BYTES = 1024;
    /// So much of an announced length is believed before any of it is there.
    private static final int BELIEVED_BYTES = 16 * 1024;

    private final AnswerRoom room;
    private byte[] taken = NOTHING;
    private int length;
    private int most;
    private int announced;
    private int heldBytes;

    AnswerBody(AnswerRoom room) {
        this.room = room;
    }

    /// Begins anew.
    ///
    /// @param mostBytes how much there may be
    /// @param announcedBytes how much the server says there will be, or -1
    void begin(int mostBytes, int announcedBytes) {
        release();
        most = mostBytes;
        announced = announcedBytes;
    }

    int length() {
        return length;
    }

    /// Whether so much more is within the bound.
    boolean fits(int more) {
        return more <= most - length;
    }

    /// Takes so many bytes, which must fit.
    ///
    /// @throws LargeAnswerException if all answers together have no room for them
    void take(ByteBuf in, int more) throws LargeAnswerException {
        int needed = length + more;
        if (needed > taken.length) {
            int size = Math.max(needed, Math.min(most, Math.max(FIRST_BYTES, taken.length * 2)));
            if (announced >= needed && announced <= Math.max(BELIEVED_BYTES, 2L * needed)) {
                size = announced;
            }
            int another = size - taken.length;
            if (!room.hold(another)) {
                throw new LargeAnswerException("The answers under way are larger than may be taken in.");
            }
            heldBytes += another;
            taken = taken.length == 0 ? new byte[size] : Arrays.copyOf(taken, size);
        }
        in.readBytes(taken, length, more);
        length = needed;
    }

    /// The array that holds what was taken, and perhaps more. It stays this object's.
    byte[] array() {
        return taken;
    }

    /// All that was taken, which must be all there is. It stays counted until [#release].
    byte[] whole() {
        return length == taken.length ? taken : Arrays.copyOf(taken, length);
    }

    /// Forgets what was taken, and gives the room back.
    void release() {
        taken = NOTHING;
        length = 0;
        if (heldBytes > 0) {
            room.giveBack(heldBytes);
            heldBytes = 0;
        }
    }
}
