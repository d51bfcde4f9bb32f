package io.topicstream.row;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// A 64-bit hash of texts and bytes, stored with message ids. It is part of the format: it never changes.
///
/// It need not withstand an attacker: where two ids share a hash the whole ids are compared, and who looks for two
/// payloads of one hash can only fool a repeat of his own message.
public final class Hash64 {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private Hash64() {}

    public static long of(byte[] bytes) {
        long hash = PRIME ^ bytes.length;
        int i = 0;
        for (; i + 8 <= bytes.length; i += 8) {
            hash = mix(hash ^ (long) LONGS.get(bytes, i));
        }
        long rest = 0;
        for (int shift = 0; i < bytes.length; i++, shift += 8) {
            rest |= (bytes[i] & 0xFFL) << shift;
        }
        return mix(hash ^ rest);
    }

    /// Of a scope and an id within it; ("a", "bc") differs from ("ab", "c").
    public static long of(String scope, String id) {
        long hash = PRIME;
        for (int i = 0; i < scope.length(); i++) {
            hash = (hash ^ scope.charAt(i)) * 0x100000001B3L;
        }
        hash = mix(hash ^ ((long) scope.length() << 32));
        for (int i = 0; i < id.length(); i++) {
            hash = (hash ^ id.charAt(i)) * 0x100000001B3L;
        }
        return mix(hash);
    }

    /// Of a sequence: `before` is the hash of what came before, 0 at the beginning.
    public static long then(long before, byte[] bytes) {
        return mix(before * 31 + of(bytes));
    }

    private static long mix(long value) {
        long z = (value ^ (value >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }
}
