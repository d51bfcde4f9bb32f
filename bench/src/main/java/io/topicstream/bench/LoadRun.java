package io.topicstream.bench;

import io.netty.channel.ManualIoEventLoop;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/// One load from the first connection to the last answer, on one thread.
///
/// The thread turns an event loop by hand: send what is due, take the events there are, and, if
/// asked to, rest a moment. Resting keeps the tool from being woken for every single message, in
/// lock-step with the server, which would cost both of them more than the message itself.
///
/// In an open loop the time of a message is when it was due, not when the tool got round to it, so
/// that a stall of the server counts for every message it delays. In a closed loop it is when it
/// was handed to the socket.
final class LoadRun {
    /// Where a run stands.
    private enum Phase {
        CONNECT,
        IDLE,
        RUN,
        DRAIN,
        END
    }

    private static final int RECEIVE_BYTES = 4 << 20;
    private static final int READ_BYTES = 512 << 10;
    private static final int BUFFER_BYTES = 16 << 10;
    private static final int UNSENT_BYTES = 8 << 20;
    /// Small, so that it is the server that has to hold what a stalled subscriber does not read.
    private static final int STALLED_BUFFER_BYTES = 4 << 10;

    private static final int MAX_LANES = 64_000_000;
    private static final long IDLE_WAIT_NS = 5_000_000;
    /// With a full window and nothing coming for so long, a closed loop goes on without what is outstanding.
    private static final long STALL_NS = 1_000_000_000;

    private static final long HISTOGRAM_MAX_NS = 100_000_000_000L;

    private final LoadOptions options;
    private final Observer observer;
    private final InetSocketAddress target;
    private final Transport transport;
    private final ManualIoEventLoop loop;
    private final long epochNs = System.nanoTime();
    private final ByteBuffer received = ByteBuffer.allocateDirect(RECEIVE_BYTES).order(ByteOrder.nativeOrder());
    private final Deque<ByteBuffer> buffers = new ArrayDeque<>();

    private final List<Connection> connections = new ArrayList<>();
    private final List<Connection> publishers = new ArrayList<>();
    private final List<Connection> dirty = new ArrayList<>();
    private final int[] listeners;
    private final int[] stalledListeners;
    private final int publishersPerTopic;
    private final long stride;
    private final long inverseStride;
    private final SequenceCheck check;
    private final int fan;

    private Phase phase = Phase.CONNECT;
    private int opened;
    private int handshaking;
    private int ready;
    private int failed;
    private int dropped;
    private @Nullable String firstComplaint;

    private long startNs = Long.MAX_VALUE;
    private long fromNs = Long.MAX_VALUE;
    private long untilNs = Long.MAX_VALUE;
    private long lastProgressNs;
    private int turn;
    private long due;
    private boolean primed;
    private int events;

    private final Histogram latency = new Histogram(1, HISTOGRAM_MAX_NS, 3);
    private final Histogram ackLatency = new Histogram(1, HISTOGRAM_MAX_NS, 3);
    private final Histogram handshakeLatency = new Histogram(1, HISTOGRAM_MAX_NS, 3);
    private long sent;
    private long sentInWindow;
    private long committed;
    private long committedInWindow;
    private long refused;
    private long expected;
    private long delivered;
    private long receivedInWindow;
    private long receivedByStalled;
    private long misrouted;
    private long unmarked;
    private long pageMisplaced;
    private long stalls;
    /// Deliveries of a closed loop that it no longer waits for, of messages below [Connection#waivedBefore].
    private long waived;

    private long lastDelivered;
    private long blocked;

    private LoadRun(LoadOptions options, ManualIoEventLoop loop, Transport transport, Observer observer) {
        this.options = options;
        this.observer = observer;
        this.loop = loop;
        this.transport = transport;
        target = options.address(LoadOptions.command(new LoadOptions()));
        listeners = new int[options.groups];
        stalledListeners = new int[options.groups];
        int publishing = options.publisherCount();
        publishersPerTopic = options.roundRobin ? publishing : (publishing + options.groups - 1) / options.groups;
        stride = stride(options);
        inverseStride = inverse(stride, options.groups);
        long lanes = options.protocol.isWebSocket()
                ? (long) options.subscriberCount() * options.topicsPerSubscriber * publishersPerTopic
                : 0;
        if (lanes > MAX_LANES) {
            throw new IllegalArgumentException(lanes + " sequences to follow are more than " + MAX_LANES);
        }
        check = new SequenceCheck((int) lanes);
        Wire wire = switch (options.protocol) {
            case PLAIN, NATIVE -> new WebSocketWire(options, this);
            case PRODUCE, CONSUME -> new HttpWire(options, this);
            case XADD, XRANGE -> new RespWire(options, this);
        };
        if (options.both > 0) {
            for (int i = 0; i < options.both; i++) {
                add(new Connection(this, i, true, true, i % options.groups, wire));
            }
        } else {
            for (int i = 0; i < options.subscribers; i++) {
                int group = (int) ((long) i * options.topicsPerSubscriber % options.groups);
                add(new Connection(this, i, true, false, group, wire));
            }
            for (int i = 0; i < options.publishers; i++) {
                add(new Connection(this, i, false, true, i % options.groups, wire));
            }
        }
        long live = (long) options.subscriberCount() - options.stalled;
        fan = (int) Math.max(1, live * options.topicsPerSubscriber / options.groups);
    }

    /// How many topics round robin goes on by: past those of one subscriber, so that consecutive messages go to
    /// different ones, and with no divisor in common with the number of topics, so that it comes by all of them.
    private static long stride(LoadOptions options) {
        long stride = options.topicsPerSubscriber > 1 ? options.topicsPerSubscriber + 1L : 1;
        BigInteger groups = BigInteger.valueOf(options.groups);
        while (!BigInteger.valueOf(stride).gcd(groups).equals(BigInteger.ONE)) {
            stride++;
        }
        return stride;
    }

    private static long inverse(long stride, int groups) {
        return BigInteger.valueOf(stride).modInverse(BigInteger.valueOf(groups)).longValueExact();
    }

    private int topicOf(long number) {
        return (int) (number % options.groups * stride % options.groups);
    }

    private void add(Connection connection) {
        connections.add(connection);
        if (connection.publisher) {
            publishers.add(connection);
        }
        if (connection.subscriber) {
            int[] counts = connection.index < options.stalled ? stalledListeners : listeners;
            for (int i = 0; i < options.topicsPerSubscriber; i++) {
                counts[(connection.group + i) % options.groups]++;
            }
        }
    }

    /// Who wants to look at the server at two moments of a run, on the run's thread, which does
    /// nothing else meanwhile.
    interface Observer {
        /// All are connected, nothing has been sent.
        void onIdle();

        /// All that was outstanding has come, all are still connected.
        void onDrained();
    }

    /// Runs a load on the calling thread, which is the loop's for as long.
    ///
    /// @throws LoadFailure if not all connections came about, or time ran out
    static LoadResult run(LoadOptions options) {
        return run(options, new Observer() {
            @Override
            public void onIdle() {}

            @Override
            public void onDrained() {}
        });
    }

    /// Like [#run(LoadOptions)], with somebody looking on.
    static LoadResult run(LoadOptions options, Observer observer) {
        options.check(LoadOptions.command(new LoadOptions()));
        Transport transport = options.transport != null ? options.transport : Transport.best();
        ManualIoEventLoop loop = new ManualIoEventLoop(Thread.currentThread(), transport.loadHandler());
        LoadRun run = new LoadRun(options, loop, transport, observer);
        try {
            return run.run();
        } finally {
            run.close();
        }
    }

    private void close() {
        for (Connection connection : connections) {
            if (connection.hasSocket() && connection.state != Connection.State.DEAD) {
                connection.state = Connection.State.DEAD;
                connection.socket().shut();
            }
        }
        var _ = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
    }

    long nowNs() {
        return System.nanoTime() - epochNs;
    }

    // ---- phases

    private LoadResult run() {
        reduceTimerSlack();
        ProcessUse atStart = ProcessUse.now(options.serverPid);
        long connectFrom = nowNs();
        turnUntil(connectFrom + nanos(options.readySeconds), () -> ready + failed >= connections.size());
        double connectSeconds = (nowNs() - connectFrom) / 1e9;
        if (ready < connections.size()) {
            throw new LoadFailure("only " + ready + " of " + connections.size() + " connections became ready"
                    + (firstComplaint == null ? "" : "; the first complaint: " + firstComplaint));
        }
        phase = Phase.IDLE;
        turnUntil(nowNs() + nanos(options.settleSeconds), () -> false);
        observer.onIdle();
        ProcessUse idleFrom = ProcessUse.now(options.serverPid);
        ProcessUse idleUntil = idleFrom;
        if (options.holdSeconds > 0) {
            turnUntil(nowNs() + nanos(options.holdSeconds), () -> false);
            idleUntil = ProcessUse.now(options.serverPid);
        }

        ProcessUse before = idleUntil;
        ProcessUse after = idleUntil;
        double seconds = 0;
        if (!publishers.isEmpty() && options.durationSeconds > 0) {
            long now = nowNs();
            startNs = now + 5_000_000;
            fromNs = startNs + nanos(options.warmSeconds);
            untilNs = fromNs + nanos(options.durationSeconds);
            phase = Phase.RUN;
            turnUntil(fromNs, this::isCounted);
            before = ProcessUse.now(options.serverPid);
            turnUntil(untilNs, this::isCounted);
            after = ProcessUse.now(options.serverPid);
            untilNs = Math.min(untilNs, nowNs());
            seconds = Math.max(0, (untilNs - fromNs) / 1e9);
            flushDirty();
            phase = Phase.DRAIN;
            drain(() -> !isLate() && delivered >= expected && acksOutstanding() == 0);
            if (options.stalled > 0) {
                long stalledExpected = stalledExpected();
                for (Connection connection : connections) {
                    if (connection.stalled && connection.state != Connection.State.DEAD) {
                        connection.stall(false);
                    }
                }
                drain(() -> receivedByStalled >= stalledExpected);
            }
            // What comes twice comes late: wait a moment for what must not come.
            turnUntil(nowNs() + 50_000_000, () -> false);
        }
        observer.onDrained();
        phase = Phase.END;
        return result(connectSeconds, seconds, atStart, idleFrom, idleUntil, before, after);
    }

    private LoadResult result(
            double connectSeconds,
            double seconds,
            ProcessUse atStart,
            ProcessUse idleFrom,
            ProcessUse idleUntil,
            ProcessUse before,
            ProcessUse after) {
        ProcessUse atEnd = ProcessUse.now(options.serverPid);
        double serverS = after.serverS() - before.serverS();
        double toolS = after.toolS() - before.toolS();
        long units = receivedInWindow > 0 ? receivedInWindow : committedInWindow > 0 ? committedInWindow : sentInWindow;
        int count = connections.size();
        return new LoadResult(
                options.label,
                count,
                dropped,
                firstComplaint == null ? "" : firstComplaint,
                new LoadResult.Connecting(
                        connectSeconds,
                        count / connectSeconds,
                        LoadResult.Percentiles.of(handshakeLatency),
                        (idleFrom.serverS() - atStart.serverS()) * 1e6 / count,
                        atStart.serverRssBytes(),
                        idleUntil.serverRssBytes(),
                        atEnd.serverRssBytes(),
                        (double) (idleUntil.serverRssBytes() - atStart.serverRssBytes()) / count,
                        idleUntil.serverS() - idleFrom.serverS()),
                new LoadResult.Counts(
                        topics(),
                        sent,
                        committed,
                        refused,
                        expected + stalledExpected(),
                        delivered + receivedByStalled,
                        lost(),
                        check.duplicated(),
                        check.outOfOrder() + pageMisplaced,
                        misrouted,
                        unmarked,
                        acksOutstanding(),
                        stalls,
                        blocked),
                seconds,
                rate((double) sentInWindow, seconds),
                rate((double) committedInWindow, seconds),
                rate((double) receivedInWindow, seconds),
                LoadResult.Percentiles.of(latency),
                LoadResult.Percentiles.of(ackLatency),
                new LoadResult.Cpu(
                        rate(serverS, seconds),
                        units == 0 ? 0 : serverS * 1e6 / units,
                        units == 0 ? 0 : (after.serverUserS() - before.serverUserS()) * 1e6 / units,
                        rate(toolS, seconds),
                        rate(after.machineS() - before.machineS() - toolS - serverS, seconds)));
    }

    private int topics() {
        BitSet topics = new BitSet(options.groups);
        for (Connection publisher : publishers) {
            if (publisher.sent > 0 && !options.roundRobin) {
                topics.set(publisher.group);
            }
            for (long number = 0; options.roundRobin && number < Math.min(publisher.sent, options.groups); number++) {
                topics.set(topicOf(number));
            }
        }
        return topics.cardinality();
    }

    private static double rate(double amount, double seconds) {
        return seconds > 0 ? amount / seconds : 0;
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    private boolean isCounted() {
        return options.count > 0
                && sent >= options.count
                && outstanding() <= 0
                && (!options.awaitsAcks() || acksOutstanding() == 0);
    }

    private long acksOutstanding() {
        long outstanding = 0;
        if (options.awaitsAcks()) {
            for (Connection publisher : publishers) {
                outstanding += publisher.awaited();
            }
        }
        return outstanding;
    }

    /// Waits for what is outstanding, for as long as any of it still comes: what is on its way is not lost,
    /// however long the way is.
    private void drain(BooleanSupplier done) {
        long patienceNs = nanos(options.drainSeconds);
        long arrived;
        do {
            arrived = arrived();
            long before = arrived;
            turnUntil(nowNs() + patienceNs, () -> done.getAsBoolean() || arrived() > before);
        } while (arrived() > arrived && !done.getAsBoolean());
    }

    private long arrived() {
        return delivered + receivedByStalled + committed;
    }

    /// Turns the loop until a time or a condition, checking that the whole run stays in its bounds.
    private void turnUntil(long deadline, BooleanSupplier done) {
        long end = nanos(options.maxSeconds);
        while (true) {
            long now = nowNs();
            if (now >= end) {
                throw new LoadFailure("the time limit of " + options.maxSeconds + " s was reached while "
                        + phase.name().toLowerCase(java.util.Locale.ROOT) + "ing");
            }
            if (now >= deadline || done.getAsBoolean()) {
                return;
            }
            long wait = Math.min(IDLE_WAIT_NS, deadline - now);
            if (phase == Phase.CONNECT) {
                wait = Math.min(wait, openDue(now));
            } else if (phase == Phase.RUN || isLate()) {
                wait = Math.min(wait, publishDue());
            }
            events = 0;
            if (wait <= 0) {
                loop.runNow();
            } else {
                loop.run(wait);
            }
            if (options.pollUs > 0 && phase == Phase.RUN && events > 0 && events < 256) {
                publishDue();
                LockSupport.parkNanos(options.pollUs * 1_000L);
            }
        }
    }

    /// Lets the kernel wake this thread when asked to rather than up to 50 µs later, where it
    /// allows that; due messages would else be late.
    private static void reduceTimerSlack() {
        try {
            Path thread = Files.readSymbolicLink(Path.of("/proc/thread-self")).getFileName();
            Files.writeString(Path.of("/proc").resolve(thread).resolve("timerslack_ns"), "1000");
        } catch (IOException e) {
            // The default slack shows in the latencies of open loops; both sides of a comparison
            // have it.
        }
    }

    // ---- connecting

    private long openDue(long now) {
        double intervalNs = options.connectRate > 0 ? 1e9 / options.connectRate : 0;
        while (opened < connections.size() && handshaking < options.handshakesInFlight && opened * intervalNs <= now) {
            open(connections.get(opened++));
        }
        if (opened < connections.size() && handshaking < options.handshakesInFlight) {
            return Math.max(0, (long) (opened * intervalNs) - now);
        }
        return IDLE_WAIT_NS;
    }

    private void open(Connection connection) {
        connection.openedNs = nowNs();
        handshaking++;
        connection.state = Connection.State.CONNECTING;
        try {
            LoadSocket socket = LoadSocket.open(loop, transport, connection);
            if (connection.subscriber && connection.index < options.stalled) {
                socket.receiveBuffer(STALLED_BUFFER_BYTES);
            }
            connection.attach(socket);
            InetSocketAddress source =
                    options.sources > 0 ? new InetSocketAddress("127.0.0." + (2 + opened % options.sources), 0) : null;
            if (socket.connect(target, source)) {
                onConnected(connection);
            } else {
                socket.want(false, true);
            }
        } catch (IOException e) {
            drop(connection, "connecting failed: " + e.getMessage());
        }
    }

    void onConnecting(Connection connection) {
        try {
            if (connection.socket().finishConnect()) {
                onConnected(connection);
            }
        } catch (IOException e) {
            drop(connection, "connecting failed: " + e.getMessage());
        }
    }

    private void onConnected(Connection connection) {
        connection.state = Connection.State.HANDSHAKE;
        connection.socket().want(true, false);
        connection.wire.onConnected(connection);
    }

    /// The server has accepted the connection.
    void onHandshake(Connection connection, long nowNs) {
        record(handshakeLatency, nowNs - connection.openedNs);
        handshaking--;
    }

    /// The connection is where the load can begin.
    void onReady(Connection connection) {
        connection.state = Connection.State.READY;
        ready++;
        if (connection.subscriber && connection.index < options.stalled) {
            connection.stall(true);
        }
    }

    /// Gives a connection up.
    void drop(Connection connection, String why) {
        if (connection.state == Connection.State.DEAD) {
            return;
        }
        complain(why);
        if (connection.state == Connection.State.READY) {
            dropped++;
        } else {
            failed++;
            if (connection.state.compareTo(Connection.State.SUBSCRIBING) < 0) {
                handshaking--;
            }
        }
        connection.state = Connection.State.DEAD;
        if (connection.hasSocket()) {
            connection.socket().shut();
        }
    }

    private void complain(String what) {
        if (firstComplaint == null) {
            firstComplaint = what;
        }
    }

    // ---- receiving

    void onReadable(Connection connection) {
        int had = connection.restore(received);
        int read;
        try {
            read = connection.socket().receive(received, had, Math.min(RECEIVE_BYTES, had + READ_BYTES));
        } catch (IOException e) {
            drop(connection, "read failed: " + e.getMessage());
            return;
        }
        if (read == 0) {
            return;
        }
        if (read < 0) {
            drop(connection, "the server closed the connection without a word");
            return;
        }
        received.clear();
        int end = had + read;
        int understood = connection.wire.onBytes(connection, received, 0, end, nowNs());
        if (connection.state == Connection.State.DEAD) {
            return;
        }
        if (end - understood == RECEIVE_BYTES) {
            drop(connection, "an answer of more than " + RECEIVE_BYTES + " bytes");
            return;
        }
        connection.keep(received, understood, end);
        if (phase == Phase.RUN) {
            if (connection.publisher && options.rate <= 0) {
                fillWindow(connection);
            }
            if ((++events & 31) == 0) {
                publishDue();
            }
        }
    }

    /// A subscriber got a message.
    void onDelivery(Connection connection, Marker marker, long nowNs) {
        int lane = lane(connection, marker);
        if (lane < 0) {
            misrouted++;
            return;
        }
        long number = options.roundRobin ? marker.number() / options.groups : marker.number();
        if (check.onArrival(lane, number) == SequenceCheck.Verdict.DUPLICATE) {
            return;
        }
        if (connection.wasStalled) {
            receivedByStalled++;
        } else {
            delivered++;
            if (marker.number() < publishers.get(marker.publisher()).waivedBefore) {
                waived--;
            }
            if (marker.intendedNs() >= fromNs && marker.intendedNs() < untilNs) {
                record(latency, nowNs - marker.intendedNs());
            }
        }
        if (nowNs >= fromNs && nowNs < untilNs) {
            receivedInWindow++;
        }
    }

    /// The lane of a message at a subscriber, or -1 if it should not have come there or was never
    /// sent.
    private int lane(Connection connection, Marker marker) {
        int publisher = marker.publisher();
        if (publisher >= publishers.size() || marker.number() >= publishers.get(publisher).sent) {
            return -1;
        }
        int groups = options.groups;
        int topic = options.roundRobin ? topicOf(marker.number()) : publisher % groups;
        int slot = topic - connection.group;
        if (slot < 0) {
            slot += groups;
        }
        if (slot >= options.topicsPerSubscriber) {
            return -1;
        }
        return (connection.index * options.topicsPerSubscriber + slot) * publishersPerTopic
                + (options.roundRobin ? publisher : publisher / groups);
    }

    private long lost() {
        if (options.protocol.isPaged()) {
            return Math.max(0, committed * options.page - delivered);
        }
        long lost = 0;
        for (Connection connection : connections) {
            if (!connection.subscriber) {
                continue;
            }
            for (int slot = 0; slot < options.topicsPerSubscriber; slot++) {
                int topic = (connection.group + slot) % options.groups;
                int lane = (connection.index * options.topicsPerSubscriber + slot) * publishersPerTopic;
                for (int i = 0; i < publishersPerTopic; i++) {
                    int publisher = options.roundRobin ? i : i * options.groups + topic;
                    if (publisher < publishers.size()) {
                        lost += check.lost(lane + i, sentTo(publishers.get(publisher), topic));
                    }
                }
            }
        }
        return lost;
    }

    private long sentTo(Connection publisher, int topic) {
        long place = topic * inverseStride % options.groups;
        return options.roundRobin ? (publisher.sent + options.groups - 1 - place) / options.groups : publisher.sent;
    }

    private long stalledExpected() {
        long total = 0;
        if (options.stalled > 0) {
            for (Connection publisher : publishers) {
                if (options.roundRobin) {
                    for (int topic = 0; topic < options.groups; topic++) {
                        total += sentTo(publisher, topic) * stalledListeners[topic];
                    }
                } else {
                    total += publisher.sent * stalledListeners[publisher.group];
                }
            }
        }
        return total;
    }

    /// A reader got a page.
    void onPage(int found, int misplaced, long nowNs) {
        delivered += found;
        pageMisplaced += misplaced;
        if (nowNs >= fromNs && nowNs < untilNs) {
            receivedInWindow += found;
        }
    }

    /// The oldest message or request of a publisher was answered well.
    void onAck(Connection connection, long nowNs) {
        committed++;
        if (nowNs >= fromNs && nowNs < untilNs) {
            committedInWindow++;
        }
        long intended = connection.acknowledged();
        if (intended >= fromNs && intended < untilNs) {
            record(ackLatency, nowNs - intended);
        }
    }

    /// The server said no.
    void onRefusal(Connection connection, String what) {
        complain(what);
        if (connection.state == Connection.State.READY) {
            refused++;
        } else {
            drop(connection, what);
        }
    }

    /// A message without a marker came, where none was due.
    void onUnmarked() {
        unmarked++;
    }

    private static void record(Histogram histogram, long ns) {
        histogram.recordValue(Math.clamp(ns, 1, HISTOGRAM_MAX_NS));
    }

    // ---- publishing

    /// Sends what is due.
    ///
    /// @return nanoseconds until something may be due again
    private long publishDue() {
        long now = nowNs();
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
                for (Connection publisher : publishers) {
                    fillWindow(publisher);
                }
            }
            return IDLE_WAIT_NS;
        }
        return options.window > 0 ? publishByDeliveries(now) : publishAll(now);
    }

    /// Whether an open loop still owes messages that were due before its end: a tool that was late
    /// must send them all the same, with the time they were due.
    private boolean isLate() {
        return phase == Phase.DRAIN && options.rate > 0 && !isOver(startNs + (long) (due * (1e9 / options.rate)));
    }

    private boolean isOver(long now) {
        return now >= untilNs || (options.count > 0 && sent >= options.count);
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
                return Math.max(0, dueNs - nowNs());
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

    /// Deliveries that a closed loop waits for.
    private long outstanding() {
        return expected - delivered - waived;
    }

    private long publishByDeliveries(long now) {
        for (int batch = 0; batch < 256; batch++) {
            if (outstanding() >= (long) options.window * fan) {
                if (delivered != lastDelivered) {
                    lastDelivered = delivered;
                    lastProgressNs = now;
                } else if (now - lastProgressNs > STALL_NS) {
                    lastProgressNs = now;
                    waive();
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

    /// Nothing has come for so long that something is lost: say so, and go on, else the loss would hide the rest.
    /// What comes late after all must not make room in the window a second time, so it is known by its number.
    private void waive() {
        stalls++;
        waived += outstanding();
        for (Connection publisher : publishers) {
            publisher.waivedBefore = publisher.sent;
        }
    }

    private long publishAll(long now) {
        boolean any = false;
        for (Connection publisher : publishers) {
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

    private void fillWindow(Connection publisher) {
        if (options.window == 0 || !options.awaitsAcks()) {
            return;
        }
        long now = nowNs();
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
        int topic = options.roundRobin ? topicOf(number) : publisher.group;
        publisher.wire.publish(publisher, intendedNs, number, topic);
        sent++;
        if (intendedNs >= fromNs && intendedNs < untilNs) {
            sentInWindow++;
        }
        expected += options.protocol.isPaged() ? options.page : listeners[topic];
        if (options.awaitsAcks()) {
            publisher.await(intendedNs);
        }
        if (!publisher.dirty) {
            publisher.dirty = true;
            dirty.add(publisher);
        }
    }

    private void flushDirty() {
        for (int i = 0; i < dirty.size(); i++) {
            Connection connection = dirty.get(i);
            connection.dirty = false;
            if (connection.state == Connection.State.READY && !connection.isBlocked()) {
                connection.flush();
            }
        }
        dirty.clear();
    }

    // ---- buffers

    /// A direct buffer of at least so many bytes, for what a connection has to send.
    ByteBuffer takeBuffer(int bytes) {
        if (bytes > BUFFER_BYTES) {
            return ByteBuffer.allocateDirect(Integer.highestOneBit(bytes - 1) * 2);
        }
        ByteBuffer spare = buffers.poll();
        return spare != null ? spare : ByteBuffer.allocateDirect(BUFFER_BYTES);
    }

    void giveBuffer(ByteBuffer buffer) {
        if (buffer.capacity() == BUFFER_BYTES) {
            buffer.clear();
            buffers.push(buffer);
        }
    }
}
