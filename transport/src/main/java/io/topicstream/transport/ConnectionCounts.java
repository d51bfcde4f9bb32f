package io.topicstream.transport;

import java.net.InetAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// How many connections there are, in all and from each address. Used by all loops.
final class ConnectionCounts {
    static final String TOO_MANY = "too many connections";
    /// How many connections there may be past the limits.
    static final int MOST_PROBES = 64;

    private final TransportLimits limits;
    private final AtomicInteger probes = new AtomicInteger();
    private final AtomicInteger all = new AtomicInteger();
    private final ConcurrentHashMap<InetAddress, Integer> byAddress = new ConcurrentHashMap<>();

    ConnectionCounts(TransportLimits limits) {
        this.limits = limits;
    }

    /// Counts a connection: 0, or the status to refuse it with if there are too many; then it is not counted.
    ///
    /// @param address by which it is counted too, or null
    int add(@Nullable InetAddress address) {
        if (all.incrementAndGet() > limits.connections()) {
            all.decrementAndGet();
            return 503;
        }
        if (address != null && !addAddress(address)) {
            all.decrementAndGet();
            return 429;
        }
        return 0;
    }

    /// Counts a connection past the limits, that may only ask how the server is; false if there are too many.
    boolean addProbe() {
        if (probes.incrementAndGet() > MOST_PROBES) {
            probes.decrementAndGet();
            return false;
        }
        return true;
    }

    void removeProbe() {
        probes.decrementAndGet();
    }

    /// Counts a connection, which is counted in all already, by an address too; false, and not counted, if it has too
    /// many.
    boolean addAddress(InetAddress address) {
        if (!isCapped(address) || byAddress.merge(address, 1, Integer::sum) <= limits.connectionsPerAddress()) {
            return true;
        }
        removeAddress(address);
        return false;
    }

    /// Ends the counting of a connection.
    void remove(@Nullable InetAddress address) {
        all.decrementAndGet();
        if (address != null) {
            removeAddress(address);
        }
    }

    void removeAddress(InetAddress address) {
        byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
    }

    int all() {
        return all.get();
    }

    private boolean isCapped(InetAddress address) {
        return limits.capLoopback() || !address.isLoopbackAddress();
    }
}
