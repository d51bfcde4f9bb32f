package io.topicstream.bench;

import java.nio.ByteBuffer;

/// Bytes of one connection that wait for more to come, or for the socket to take them. They live outside the buffers
/// that all connections share. Owned by the run's thread.
final class Leftover {
    private static final int SMALL = 4_096;
    private static final byte[] NOTHING = {};

    private byte[] bytes = NOTHING;
    private int count;

    int count() {
        return count;
    }

    /// Puts them at the start of a buffer.
    ///
    /// @return how many bytes that is
    int restore(ByteBuffer into) {
        if (count > 0) {
            into.put(0, bytes, 0, count);
        }
        return count;
    }

    /// Keeps `[from, to)`, in place of what was kept before.
    void keep(ByteBuffer in, int from, int to) {
        count = to - from;
        if (count == 0) {
            if (bytes.length > SMALL) {
                bytes = NOTHING;
            }
            return;
        }
        if (bytes.length < count) {
            bytes = new byte[Math.max(512, Integer.highestOneBit(count) * 2)];
        }
        in.get(from, bytes, 0, count);
    }
}
