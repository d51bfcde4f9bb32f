package io.topicstream.bench;

import org.HdrHistogram.Histogram;

/// What a run counts: messages, acknowledgements and deliveries, in all and in the measured window, their times, and
/// what of them is outstanding or went wrong. Owned by the run's thread.
final class Tally {
    private static final long HISTOGRAM_MAX_NS = 100_000_000_000L;

    private final LoadOptions options;
    private final Topology topology;
    private final SequenceCheck check;
    private final Histogram latency = histogram();
    private final Histogram ackLatency = histogram();

    private long fromNs = Long.MAX_VALUE;
    private long untilNs = Long.MAX_VALUE;
    private long sent;
    private long sentInWindow;
    private long committed;
    private long committedInWindow;
    private long expected;
    private long delivered;
    private long receivedInWindow;
    private long receivedByStalled;
    private long misrouted;
    private long unmarked;
    private long pageMisplaced;
    private long stalls;
    private long presenceFrames;
    private int knowingAll;
    /// Deliveries of a closed loop that it no longer waits for, of messages below [Connection#waivedBefore].
    private long waived;

    Tally(LoadOptions options, Topology topology) {
        this.options = options;
        this.topology = topology;
        check = new SequenceCheck(topology.lanes());
    }

    /// A histogram of nanoseconds, for [#record].
    static Histogram histogram() {
        return new Histogram(1, HISTOGRAM_MAX_NS, 3);
    }

    static void record(Histogram histogram, long ns) {
        histogram.recordValue(Math.clamp(ns, 1, HISTOGRAM_MAX_NS));
    }

    // ---- the measured window

    /// Says which time is measured; it may be shortened while it lasts.
    void measure(long fromNs, long untilNs) {
        this.fromNs = fromNs;
        this.untilNs = untilNs;
    }

    long untilNs() {
        return untilNs;
    }

    private boolean isMeasured(long ns) {
        return ns >= fromNs && ns < untilNs;
    }

    // ---- what happens

    /// A message, or a page request, was handed to a socket.
    void onSent(long intendedNs, int topic) {
        sent++;
        if (isMeasured(intendedNs)) {
            sentInWindow++;
        }
        expected += options.protocol.isPaged() ? options.page : topology.listeners(topic);
    }

    /// A subscriber got a message.
    void onDelivery(Connection connection, Marker marker, long nowNs) {
        int lane = topology.lane(connection, marker);
        if (lane < 0) {
            misrouted++;
            return;
        }
        if (check.onArrival(lane, topology.numberInLane(marker)) == SequenceCheck.Verdict.DUPLICATE) {
            return;
        }
        if (connection.wasStalled) {
            receivedByStalled++;
        } else {
            delivered++;
            if (marker.number() < topology.publishers().get(marker.publisher()).waivedBefore) {
                waived--;
            }
            if (isMeasured(marker.intendedNs())) {
                record(latency, nowNs - marker.intendedNs());
            }
        }
        if (isMeasured(nowNs)) {
            receivedInWindow++;
        }
    }

    /// A message without a marker came, where none was due.
    void onUnmarked() {
        unmarked++;
    }

    /// A subscriber was told how many there are.
    void onPresence(Connection connection, long members) {
        presenceFrames++;
        int all = options.subscriberCount();
        knowingAll += (members == all ? 1 : 0) - (connection.members == all ? 1 : 0);
        connection.members = members;
    }

    /// A reader got a page.
    void onPage(int found, int misplaced, long nowNs) {
        delivered += found;
        pageMisplaced += misplaced;
        if (isMeasured(nowNs)) {
            receivedInWindow += found;
        }
    }

    /// The oldest message or request of a publisher was answered well.
    void onAck(Connection connection, long nowNs) {
        committed++;
        if (isMeasured(nowNs)) {
            committedInWindow++;
        }
        long intended = connection.acknowledged();
        if (isMeasured(intended)) {
            record(ackLatency, nowNs - intended);
        }
    }

    /// Nothing has come for so long that something is lost: say so, and go on, else the loss would hide the rest.
    /// What comes late after all must not make room in the window a second time, so it is known by its number.
    void waive() {
        stalls++;
        waived += outstanding();
        for (Connection publisher : topology.publishers()) {
            publisher.waivedBefore = publisher.sent;
        }
    }

    // ---- where it stands

    long sent() {
        return sent;
    }

    long delivered() {
        return delivered;
    }

    /// Deliveries that a closed loop waits for.
    long outstanding() {
        return expected - delivered - waived;
    }

    /// Subscribers that were told last that all are there.
    int knowingAll() {
        return knowingAll;
    }

    long presenceFrames() {
        return presenceFrames;
    }

    long unanswered() {
        long outstanding = 0;
        if (options.awaitsAcks()) {
            for (Connection publisher : topology.publishers()) {
                outstanding += publisher.awaited();
            }
        }
        return outstanding;
    }

    /// Whether everything is there that those who read were sent, also what a closed loop no longer waits for.
    boolean isComplete() {
        return delivered >= expected && unanswered() == 0;
    }

    /// Whether those that stopped reading have caught up.
    boolean isCompleteAtStalled() {
        return receivedByStalled >= topology.expectedByStalled();
    }

    /// How much has come, of any kind.
    long arrived() {
        return delivered + receivedByStalled + committed;
    }

    // ---- the result

    /// What the server's CPU is divided by: deliveries, or acknowledgements where there are none.
    long unitsInWindow() {
        return receivedInWindow > 0 ? receivedInWindow : committedInWindow > 0 ? committedInWindow : sentInWindow;
    }

    long sentInWindow() {
        return sentInWindow;
    }

    long committedInWindow() {
        return committedInWindow;
    }

    long receivedInWindow() {
        return receivedInWindow;
    }

    LoadResult.Percentiles latency() {
        return LoadResult.Percentiles.of(latency);
    }

    LoadResult.Percentiles ackLatency() {
        return LoadResult.Percentiles.of(ackLatency);
    }

    /// @param refused messages that the server refused
    /// @param blocked times that nobody could take what was due
    LoadResult.Counts counts(long refused, long blocked) {
        return new LoadResult.Counts(
                topology.publishedTopics(),
                sent,
                committed,
                refused,
                expected + topology.expectedByStalled(),
                delivered + receivedByStalled,
                options.protocol.isPaged() ? Math.max(0, committed * options.page - delivered) : topology.lost(check),
                check.duplicated(),
                check.outOfOrder() + pageMisplaced,
                misrouted,
                unmarked,
                unanswered(),
                stalls,
                blocked);
    }
}
