package io.topicstream.access;

import java.net.InetAddress;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// How many wrong credentials came from each address of late, so that guessing gets slow.
///
/// Counted in windows of one minute that begin with an address's first failure. IPv6 callers are
/// counted by their /64, which is what one customer is given. Holds a bounded number of addresses;
/// past it, the one that failed first is forgotten.
///
/// Thread-safe.
public final class FailedCredentials {
    /// Wrong credentials from one address in a [#WINDOW_MS], after which no more are looked at.
    public static final int DEFAULT_LIMIT = 1000;
    /// The length of a window, in milliseconds.
    public static final long WINDOW_MS = 60_000;

    private static final int MAX_ADDRESSES = 10_000;

    private final InstantSource clock;
    private final int limit;
    private final int maxAddresses;
    /// In the order in which the windows began. Guarded by this.
    private final LinkedHashMap<Source, Window> windows = new LinkedHashMap<>();
    /// Whether anything was ever counted; where not, nobody has to take the lock.
    private volatile boolean everCounted;

    public FailedCredentials(InstantSource clock, int limit) {
        this(clock, limit, MAX_ADDRESSES);
    }

    FailedCredentials(InstantSource clock, int limit, int maxAddresses) {
        if (limit < 1) {
            throw new IllegalArgumentException("at least one wrong credential is looked at");
        }
        this.clock = clock;
        this.limit = limit;
        this.maxAddresses = maxAddresses;
    }

    /// Whether the address has used up its wrong credentials for now.
    public boolean isExhausted(InetAddress address) {
        return everCounted && isCounted(address);
    }

    private synchronized boolean isCounted(InetAddress address) {
        Window window = windows.get(Source.of(address));
        return window != null && window.isOpen(clock.millis()) && window.failures >= limit;
    }

    /// Counts a wrong credential.
    public synchronized void count(InetAddress address) {
        long nowMs = clock.millis();
        Source source = Source.of(address);
        Window window = windows.get(source);
        if (window == null || !window.isOpen(nowMs)) {
            // Taken out first, so that the order stays that of the windows' beginnings.
            windows.remove(source);
            window = new Window(nowMs);
            windows.put(source, window);
            everCounted = true;
            forgetOldest(nowMs);
        }
        window.failures++;
    }

    synchronized int size() {
        return windows.size();
    }

    private void forgetOldest(long nowMs) {
        Iterator<Map.Entry<Source, Window>> oldest = windows.entrySet().iterator();
        while (oldest.hasNext()) {
            boolean open = oldest.next().getValue().isOpen(nowMs);
            if (open && windows.size() <= maxAddresses) {
                return;
            }
            oldest.remove();
        }
    }

    private static final class Window {
        final long beganMs;
        int failures;

        Window(long beganMs) {
            this.beganMs = beganMs;
        }

        /// A clock that was set back ends the window too, so nobody stays locked out by it.
        boolean isOpen(long nowMs) {
            return nowMs >= beganMs && nowMs - beganMs < WINDOW_MS;
        }
    }

    /// An IPv4 address, or the first 64 bits of an IPv6 one. Owns its array.
    private record Source(byte[] bytes) {
        static Source of(InetAddress address) {
            byte[] bytes = address.getAddress();
            return new Source(bytes.length > 8 ? Arrays.copyOf(bytes, 8) : bytes);
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Source that && Arrays.equals(bytes, that.bytes);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(bytes);
        }
    }
}
