package io.topicstream.bench;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;

/// Direct buffers for what connections have to send; those of the usual size are used again. Owned by the run's
/// thread.
final class Buffers {
    private static final int USUAL_BYTES = 16 << 10;

    private final Deque<ByteBuffer> spare = new ArrayDeque<>();

    /// A direct buffer of at least so many bytes.
    ByteBuffer take(int bytes) {
        if (bytes > USUAL_BYTES) {
            return ByteBuffer.allocateDirect(Integer.highestOneBit(bytes - 1) * 2);
        }
        ByteBuffer buffer = spare.poll();
        return buffer != null ? buffer : ByteBuffer.allocateDirect(USUAL_BYTES);
    }

    /// Takes back what is no longer needed.
    void give(ByteBuffer buffer) {
        if (buffer.capacity() == USUAL_BYTES) {
            buffer.clear();
            spare.push(buffer);
        }
    }
}
