package io.topicstream.bench;

import io.netty.channel.ManualIoEventLoop;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

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

    private final LoadOptions options;
    private final Observer observer;
    private final ManualIoEventLoop loop;
    private final long epochNs = System.nanoTime();
    private final ByteBuffer received = ByteBuffer.allocateDirect(RECEIVE_BYTES).order(ByteOrder.nativeOrder());
    private final Buffers buffers = new Buffers();
    private final Topology topology;
    private final Dialer dialer;
    private final Tally tally;
    private final Pacer pacer;

    private Phase phase = Phase.CONNECT;
    private int events;

    private LoadRun(LoadOptions options, ManualIoEventLoop loop, Transport transport, Observer observer) {
        this.options = options;
        this.observer = observer;
        this.loop = loop;
        topology = new Topology(options);
        tally = new Tally(options, topology);
        pacer = new Pacer(options, this::nowNs, topology, tally);
        dialer = new Dialer(options, this::nowNs, loop, transport, topology.connections());
        Wire wire = switch (options.protocol) {
            case PLAIN, NATIVE, ROUTE -> new WebSocketWire(options, dialer, tally);
            case PRODUCE, CONSUME -> new HttpWire(options, dialer, tally);
            case XADD, XRANGE -> new RespWire(options, dialer, tally);
        };
        topology.populate((index, subscriber, publisher, group) ->
                new Connection(this, dialer, buffers, index, subscriber, publisher, group, wire));
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
        dialer.closeAll();
        var _ = loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        while (!loop.isTerminated()) {
            loop.runNow();
        }
    }

    /// The run's clock, from 0.
    private long nowNs() {
        return System.nanoTime() - epochNs;
    }

    // ---- phases

    private LoadResult run() {
        reduceTimerSlack();
        ProcessUse atStart = ProcessUse.now(options.serverPids);
        long connectFrom = nowNs();
        turnUntil(connectFrom + nanos(options.readySeconds), dialer::isDone);
        double connectSeconds = (nowNs() - connectFrom) / 1e9;
        int count = topology.connections().size();
        if (dialer.ready() < count) {
            throw new LoadFailure("only " + dialer.ready() + " of " + count + " connections became ready"
                    + (dialer.firstComplaint().isEmpty() ? "" : "; the first complaint: " + dialer.firstComplaint()));
        }
        LoadResult.Gathering gathering = options.gather ? gather(connectFrom) : LoadResult.Gathering.NONE;
        phase = Phase.IDLE;
        turnUntil(nowNs() + nanos(options.settleSeconds), () -> false);
        observer.onIdle();
        ProcessUse idleFrom = ProcessUse.now(options.serverPids);
        ProcessUse idleUntil = idleFrom;
        if (options.holdSeconds > 0) {
            turnUntil(nowNs() + nanos(options.holdSeconds), () -> false);
            idleUntil = ProcessUse.now(options.serverPids);
        }
        Measured measured = new Measured(0, idleUntil, idleUntil);
        if (!topology.publishers().isEmpty() && options.durationSeconds > 0) {
            measured = load();
        }
        observer.onDrained();
        phase = Phase.END;
        return result(connecting(connectSeconds, atStart, idleFrom, idleUntil), gathering, measured);
    }

    /// Waits until every subscriber knows of every other.
    private LoadResult.Gathering gather(long connectFrom) {
        int all = options.subscriberCount();
        turnUntil(connectFrom + nanos(options.readySeconds), () -> tally.knowingAll() == all);
        if (tally.knowingAll() < all) {
            throw new LoadFailure(
                    "only " + tally.knowingAll() + " of " + all + " subscribers were told that all are there");
        }
        double seconds = (nowNs() - connectFrom) / 1e9;
        long frames = tally.presenceFrames();
        return new LoadResult.Gathering(seconds, frames, frames / seconds);
    }

    /// The measured window: its length, and what had been used at its ends.
    private record Measured(double seconds, ProcessUse before, ProcessUse after) {}

    private Measured load() {
        long startNs = nowNs() + 5_000_000;
        long fromNs = startNs + nanos(options.warmSeconds);
        long untilNs = fromNs + nanos(options.durationSeconds);
        pacer.startAt(startNs);
        tally.measure(fromNs, untilNs);
        phase = Phase.RUN;
        turnUntil(fromNs, this::isCounted);
        ProcessUse before = ProcessUse.now(options.serverPids);
        turnUntil(untilNs, this::isCounted);
        ProcessUse after = ProcessUse.now(options.serverPids);
        untilNs = Math.min(untilNs, nowNs());
        tally.measure(fromNs, untilNs);
        pacer.flushDirty();
        phase = Phase.DRAIN;
        drain(() -> !pacer.isLate() && tally.isComplete());
        if (options.stalled > 0) {
            for (Connection connection : topology.connections()) {
                if (connection.stalled && connection.state != Connection.State.DEAD) {
                    connection.stall(false);
                }
            }
            drain(tally::isCompleteAtStalled);
        }
        // What comes twice comes late: wait a moment for what must not come.
        turnUntil(nowNs() + 50_000_000, () -> false);
        return new Measured(Math.max(0, (untilNs - fromNs) / 1e9), before, after);
    }

    private LoadResult.Connecting connecting(
            double seconds, ProcessUse atStart, ProcessUse idleFrom, ProcessUse idleUntil) {
        int count = topology.connections().size();
        return new LoadResult.Connecting(
                seconds,
                count / seconds,
                dialer.handshakeLatency(),
                (idleFrom.serverS() - atStart.serverS()) * 1e6 / count,
                atStart.serverRssBytes(),
                idleUntil.serverRssBytes(),
                ProcessUse.now(options.serverPids).serverRssBytes(),
                (double) (idleUntil.serverRssBytes() - atStart.serverRssBytes()) / count,
                idleUntil.serverS() - idleFrom.serverS());
    }

    private LoadResult result(LoadResult.Connecting connecting, LoadResult.Gathering gathering, Measured measured) {
        ProcessUse before = measured.before();
        ProcessUse after = measured.after();
        double seconds = measured.seconds();
        double serverS = after.serverS() - before.serverS();
        double toolS = after.toolS() - before.toolS();
        long units = tally.unitsInWindow();
        return new LoadResult(
                options.label,
                topology.connections().size(),
                dialer.dropped(),
                dialer.firstComplaint(),
                connecting,
                gathering,
                tally.counts(dialer.refused(), pacer.blocked()),
                seconds,
                rate((double) tally.sentInWindow(), seconds),
                rate((double) tally.committedInWindow(), seconds),
                rate((double) tally.receivedInWindow(), seconds),
                tally.latency(),
                tally.ackLatency(),
                new LoadResult.Cpu(
                        rate(serverS, seconds),
                        units == 0 ? 0 : serverS * 1e6 / units,
                        units == 0 ? 0 : (after.serverUserS() - before.serverUserS()) * 1e6 / units,
                        rate(toolS, seconds),
                        rate(after.machineS() - before.machineS() - toolS - serverS, seconds)));
    }

    private static double rate(double amount, double seconds) {
        return seconds > 0 ? amount / seconds : 0;
    }

    private static long nanos(double seconds) {
        return (long) (seconds * 1e9);
    }

    private boolean isCounted() {
        return options.count > 0
                && tally.sent() >= options.count
                && tally.outstanding() <= 0
                && tally.unanswered() == 0;
    }

    /// Waits for what is outstanding, for as long as any of it still comes: what is on its way is not lost,
    /// however long the way is.
    private void drain(BooleanSupplier done) {
        long patienceNs = nanos(options.drainSeconds);
        long arrived;
        do {
            arrived = tally.arrived();
            long before = arrived;
            turnUntil(nowNs() + patienceNs, () -> done.getAsBoolean() || tally.arrived() > before);
        } while (tally.arrived() > arrived && !done.getAsBoolean());
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
            long wait = Math.min(Pacer.IDLE_WAIT_NS, deadline - now);
            if (phase == Phase.CONNECT) {
                wait = Math.min(wait, dialer.openDue(now));
            } else if (phase == Phase.RUN || (phase == Phase.DRAIN && pacer.isLate())) {
                wait = Math.min(wait, pacer.publishDue());
            }
            events = 0;
            if (wait <= 0) {
                loop.runNow();
            } else {
                loop.run(wait);
            }
            if (options.pollUs > 0 && phase == Phase.RUN && events > 0 && events < 256) {
                pacer.publishDue();
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

    // ---- receiving

    /// A connection has something to read.
    void onReadable(Connection connection) {
        int had = connection.restore(received);
        int read;
        try {
            read = connection.socket().receive(received, had, Math.min(RECEIVE_BYTES, had + READ_BYTES));
        } catch (IOException e) {
            dialer.drop(connection, "read failed: " + e.getMessage());
            return;
        }
        if (read == 0) {
            return;
        }
        if (read < 0) {
            dialer.drop(connection, "the server closed the connection without a word");
            return;
        }
        received.clear();
        int end = had + read;
        int understood = connection.wire.onBytes(connection, received, 0, end, nowNs());
        if (connection.state == Connection.State.DEAD) {
            return;
        }
        if (end - understood == RECEIVE_BYTES) {
            dialer.drop(connection, "an answer of more than " + RECEIVE_BYTES + " bytes");
            return;
        }
        connection.keep(received, understood, end);
        if (phase == Phase.RUN) {
            if (connection.publisher && options.rate <= 0) {
                pacer.fillWindow(connection);
            }
            if ((++events & 31) == 0) {
                pacer.publishDue();
            }
        }
    }
}
