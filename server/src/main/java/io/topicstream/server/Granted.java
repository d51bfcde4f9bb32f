package io.topicstream.server;

import com.sun.management.UnixOperatingSystemMXBean;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.config.section.ConnectionSection;
import io.topicstream.transport.TransportLimits;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/// The configured limits held against what the system grants: descriptors and heap. What does not fit is
/// lowered, each with one line for the operator. A limit that cannot be kept would be none.
///
/// @param limits those of sockets that can be kept
/// @param notes what was lowered, in plain words
record Granted(ConnectionSection limits, List<String> notes) {
    private static final long MIB = 1 << 20;
    /// What the store may need besides what is open at the start: a quarter, and no more than this.
    private static final long MOST_KEPT_DESCRIPTORS = 4096;
    private static final int FEW_CONNECTIONS = 10_000;
    /// Connections past the limit, which may ask how the server is.
    private static final int PROBES = 64;

    /// Holds the configuration against this process, when the engine is open.
    static Granted by(ServerConfig config) {
        long descriptors = Long.MAX_VALUE;
        long open = 0;
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            descriptors = system.getMaxFileDescriptorCount();
            open = system.getOpenFileDescriptorCount();
        }
        return of(config, descriptors, open, Runtime.getRuntime().maxMemory());
    }

    static Granted of(ServerConfig config, long descriptors, long open, long heapBytes) {
        List<String> notes = new ArrayList<>();
        ConnectionSection limits = config.connections();

        long kept = Math.min(MOST_KEPT_DESCRIPTORS, descriptors / 4);
        long left = Math.max(1, descriptors - open - kept - Math.min(PROBES, descriptors / 8));
        int connections = (int) Math.min(limits.total(), left);
        // By default there are as many as the system grants, which is worth a word only where that is few.
        boolean isDefault = limits.total() == TransportLimits.defaults().connections();
        if (connections < limits.total() && (!isDefault || connections < FEW_CONNECTIONS)) {
            notes.add("limits.connections.total is " + limits.total() + ", but there are only " + descriptors
                    + " file descriptors (ulimit -n): it is lowered to " + connections);
        }

        // A quarter of the heap is for everything else; what waits in the log's queue is bounded there.
        long budgets = heapBytes / 4 * 3 - config.data().queueHardBytes();
        long wanted = limits.outboundBytes() + limits.incompleteBytes() + limits.answerBytes();
        if (wanted <= budgets) {
            return new Granted(
                    limits.lowered(connections, limits.outboundBytes(), limits.incompleteBytes(), limits.answerBytes()),
                    notes);
        }
        double share = Math.max(0, budgets) / (double) wanted;
        ConnectionSection lowered = limits.lowered(
                connections,
                lowered(limits.outboundBytes(), share),
                lowered(limits.incompleteBytes(), share),
                lowered(limits.answerBytes(), share));
        notes.add("limits.connections.outbound_bytes, incomplete_bytes and answer_bytes do not fit in a heap of "
                + heapBytes / MIB + " MiB beside data.queue_hard_bytes: they are lowered to "
                + lowered.outboundBytes() / MIB + ", " + lowered.incompleteBytes() / MIB + " and "
                + lowered.answerBytes() / MIB + " MiB");
        return new Granted(lowered, notes);
    }

    /// Never below what a single page needs.
    private static long lowered(long bytes, double share) {
        return Math.max(Math.min(bytes, 4 * MIB), (long) (bytes * share));
    }
}
