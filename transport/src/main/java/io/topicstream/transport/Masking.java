package io.topicstream.transport;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// The masking of client frames (RFC 6455, 5.3), undone eight bytes at a time.
final class Masking {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private Masking() {}

    /// Unmasks `bytes[from, to)` in place; the lowest byte of `key` is the first on the wire.
    static void apply(byte[] bytes, int from, int to, int key) {
        if (key == 0) {
            return;
        }
        long wide = (key & 0xFFFF_FFFFL) | (long) key << 32;
        int at = from;
        for (; at + 8 <= to; at += 8) {
            LONGS.set(bytes, at, (long) LONGS.get(bytes, at) ^ wide);
        }
        for (int shift = 0; at < to; at++, shift += 8) {
            bytes[at] ^= (byte) (key >>> shift);
        }
    }
}
