package io.topicstream.gateway;

import java.util.Base64;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/// Makes ids of requests and messages: 11 bytes in base64url with its padding, 16 characters, as API
/// Gateway's look. They are no secrets. Thread-safe.
///
/// A count that begins anywhere, its bits mixed by a bijection: so no two are the same, and they do not look
/// alike.
public final class RequestIds implements Supplier<String> {
    private static final int BYTES = 11;
    private static final long STEP = 0x9E3779B97F4A7C15L;

    private final AtomicLong count;

    /// @param first where the count begins; another one in each process
    public RequestIds(long first) {
        count = new AtomicLong(first);
    }

    @Override
    public String get() {
        long at = count.getAndAdd(STEP);
        long mixed = mix(at);
        long more = mix(at ^ mixed);
        byte[] id = new byte[BYTES];
        for (int i = 0; i < Long.BYTES; i++) {
            id[i] = (byte) (mixed >>> (8 * i));
        }
        for (int i = Long.BYTES; i < BYTES; i++) {
            id[i] = (byte) (more >>> (8 * (i - Long.BYTES)));
        }
        return Base64.getUrlEncoder().encodeToString(id);
    }

    private static long mix(long bits) {
        long z = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
