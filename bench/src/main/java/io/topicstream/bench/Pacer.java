package io.topicstream.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// Decides when a run publishes, and who: at a rate, with so many in flight, or as fast as the sockets take it.
///
/// In an open loop the time of a message is when it was due, in a closed loop when it was handed to the socket. Owned
/// by the run's thread.
final class Pacer {
    /// How long nobody need ask again if nothing comes, in nanoseconds.
    static final long IDLE_WAIT_NS = 5_000_000;
    /// With a full window and nothing coming for so long, a closed loop goes on without what is outstanding.
    private static final long STALL_NS = 1_000_000_000;

    private static final int UNSENT_BYTES = 8 << 20;

    private final LoadOptions options;
    private final LongSupplier clock;
    private final Topology topology;
    private final Tally tally;
    private final List<Connection> dirty = new ArrayList<>();

    private long startNs = Long.MAX_VALUE;
    private long lastProgressNs;
    private long lastDelivered;
    private int turn;
    private long due;
    private boolean primed;
    private long blocked;

    Pacer(LoadOptions options, LongSupplier clock, Topology topology, Tally tally) {
        this.options = options;
        this.clock = clock;
        this.topology = topology;
        this.tally = tally;
    }

    /// Says when the first message is due.
    void startAt(long ns) {
        startNs = ns;
    }

    /// Times that no publisher could take what was due.
    long blocked() {
        return blocked;
    }

    /// Sends what is due.
    ///
    /// @return nanoseconds until something may be due again
    long publishDue() {
        long now = clock.getAsLong();
        if (now < startNs) {
            return startNs - now;
        }
        if (options.rate > 0) {
            return publishByRate(now);
        }
        if (isOver(now)) {
            return IDLE_WAIT_NS;
        }
        if (options.window > 0 && options.awaitsAcks()) {
            if (!primed) {
                primed = true;
                for (Connection publisher : topology.publishers()) {
                    fillWindow(publisher);
                }
            }
            return IDLE_WAIT_NS;
        }
        return options.window > 0 ? publishByDeliveries(now) : publishAll(now);
    }

    /// Whether an open loop still owes messages that were due before its end: a tool that was late
    /// must send them all the same, with the time they were due.
    boolean isLate() {
        return options.rate > 0 && !isOver(startNs + (long) (due * (1e9 / options.rate)));
    }

    private boolean isOver(long now) {
        return now >= tally.untilNs() || (options.count > 0 && tally.sent() >= options.count);
    }

    private long publishByRate(long now) {
        double intervalNs = 1e9 / options.rate;
        for (int batch = 0; batch < 512; batch++) {
            long dueNs = startNs + (long) (due * intervalNs);
            if (isOver(dueNs)) {
                flushDirty();
                return IDLE_WAIT_NS;
            }
            if (dueNs > now) {
                flushDirty();
                return Math.max(0, dueNs - clock.getAsLong());
            }
            Connection next = nextWithRoom();
            if (next == null) {
                blocked++;
                flushDirty();
                return 200_000;
            }
            publish(next, dueNs);
            due++;
        }
        flushDirty();
        return 0;
    }

    private long publishByDeliveries(long now) {
        for (int batch = 0; batch < 256; batch++) {
            if (tally.outstanding() >= (long) options.window * topology.fan()) {
                if (tally.delivered() != lastDelivered) {
                    lastDelivered = tally.delivered();
                    lastProgressNs = now;
                } else if (now - lastProgressNs > STALL_NS) {
                    lastProgressNs = now;
                    tally.waive();
                    continue;
                }
                flushDirty();
                return 2_000_000;
            }
            if (isOver(now)) {
                break;
            }
            Connection next = nextWithRoom();
            if (next == null) {
                blocked++;
                flushDirty();
                return 200_000;
            }
            publish(next, now);
            lastProgressNs = now;
        }
        flushDirty();
        return 0;
    }

    private long publishAll(long now) {
        boolean any = false;
        for (Connection publisher : topology.publishers()) {
            if (publisher.state != Connection.State.READY || publisher.isBlocked()) {
                continue;
            }
            for (int i = 0; i < 64 && !isOver(now); i++) {
                publish(publisher, now);
            }
            any = true;
        }
        flushDirty();
        return any ? 0 : 1_000_000;
    }

    private @Nullable Connection nextWithRoom() {
        List<Connection> publishers = topology.publishers();
        for (int i = 0; i < publishers.size(); i++) {
            Connection next = publishers.get(turn);
            if (++turn == publishers.size()) {
                turn = 0;
            }
            if (next.state == Connection.State.READY
                    && next.unsentBytes() < UNSENT_BYTES
                    && !(options.awaitsAcks() && options.window > 0 && next.awaited() >= options.window)) {
                return next;
            }
        }
        return null;
    }

    /// Sends what a publisher that awaits acknowledgements has room for.
    void fillWindow(Connection publisher) {
        if (options.window == 0 || !options.awaitsAcks()) {
            return;
        }
        long now = clock.getAsLong();
        if (now < startNs) {
            return;
        }
        while (publisher.state == Connection.State.READY && publisher.awaited() < options.window && !isOver(now)) {
            publish(publisher, now);
        }
        flushDirty();
    }

    private void publish(Connection publisher, long intendedNs) {
        long number = publisher.sent++;
        int topic = topology.topic(publisher, number);
        publisher.wire.publish(publisher, intendedNs, number, topic);
        tally.onSent(intendedNs, topic);
        if (options.awaitsAcks()) {
            publisher.await(intendedNs);
        }
        if (!publisher.dirty) {
            publisher.dirty = true;
            dirty.add(publisher);
        }
    }

    /// Hands to the sockets what was queued.
    void flushDirty() {
        for (int i = 0; i < dirty.size(); i++) {
            Connection connection = dirty.get(i);
            connection.dirty = false;
            if (connection.state == Connection.State.READY && !connection.isBlocked()) {
                connection.flush();
            }
        }
        dirty.clear();
    }
}
