package io.topicstream.server.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// How many connections there are, in all and from each address. Used by all loops.
final class ConnectionCounts {
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
    int add(@Nullable SocketAddress remote) {
        if (all.incrementAndGet() > limits.connections()) {
            all.decrementAndGet();
            return 503;
        }
        InetAddress address = counted(remote);
        if (address != null && byAddress.merge(address, 1, Integer::sum) > limits.connectionsPerAddress()) {
            remove(remote);
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

    void remove(@Nullable SocketAddress remote) {
        all.decrementAndGet();
        InetAddress address = counted(remote);
        if (address != null) {
            byAddress.computeIfPresent(address, (key, count) -> count == 1 ? null : count - 1);
        }
    }

    int all() {
        return all.get();
    }

    private @Nullable InetAddress counted(@Nullable SocketAddress remote) {
        return remote instanceof InetSocketAddress inet
                        && inet.getAddress() != null
                        && (limits.capLoopback() || !inet.getAddress().isLoopbackAddress())
                ? inet.getAddress()
                : null;
    }
}
