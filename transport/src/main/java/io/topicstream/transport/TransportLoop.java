package io.topicstream.transport;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/// What the connections of one event loop share, and whose turn it is where they cannot all go on at once. Used
/// on that loop only.
final class TransportLoop {
    static final int TICKS_PER_SWEEP = 10;

    /// How long a connection waits for room before it is refused.
    private static final long LONGEST_STARVING_NS = 500_000_000;

    /// How long the loop does work that waited before it looks after its sockets again.
    private static final long TURNS_NS = 4_000_000;

    final EventLoop eventLoop;
    final TransportLimits limits;
    final LoopClock clock;
    final LoopMemory memory = new LoopMemory();
    final FrameReader frames = new FrameReader(memory);
    final ConnectionList connections;
    final RequestTarget.Recent targets = new RequestTarget.Recent();
    final AcceptKey acceptKey = new AcceptKey();
    final HttpAnswers answers;
    /// What connections keep of what is not complete, over all loops.
    final ByteBudget incomplete;
    /// HTTP answers that are made or wait to be sent, over all loops.
    final ByteBudget unsentAnswers;
    private final WriteBufferWaterMark watermark;

    private final ArrayDeque<Starving> starving = new ArrayDeque<>();
    /// Those whose work goes on when the loop has looked after its sockets, oldest first, each once.
    private final ArrayDeque<Connection> turns = new ArrayDeque<>(0);

    private boolean turnsDue;
    private boolean leaving;
    private boolean draining;

    TransportLoop(
            EventLoop eventLoop,
            TransportLimits limits,
            LongSupplier nanoClock,
            InstantSource wallClock,
            ConnectionCounts counts,
            ByteBudget incomplete,
            ByteBudget unsentAnswers) {
        this.incomplete = incomplete;
        this.unsentAnswers = unsentAnswers;
        this.eventLoop = eventLoop;
        this.limits = limits;
        this.clock = new LoopClock(nanoClock, wallClock, 2 * limits.sweep().toNanos());
        this.connections = new ConnectionList(clock, counts);
        this.answers = new HttpAnswers(limits.http(), clock);
        this.watermark = new WriteBufferWaterMark(limits.lowWatermarkBytes(), limits.highWatermarkBytes());
    }

    void configure(Channel channel) {
        channel.config().setWriteBufferWaterMark(watermark).setRecvByteBufAllocator(memory.reads());
    }

    // ---- turns ----

    /// Lets the connection go on a little later, behind all others that wait for that.
    void inTurn(Connection connection) {
        turns.add(connection);
        if (!turnsDue) {
            scheduleTurns();
        }
    }

    /// Whether connections wait for their turn.
    boolean isCrowded() {
        return !turns.isEmpty();
    }

    /// A scheduled task, due at once, since other tasks may run before the loop has looked at its sockets.
    private void scheduleTurns() {
        turnsDue = true;
        var _ = eventLoop.schedule(this::onTurns, 0, TimeUnit.NANOSECONDS);
    }

    private void onTurns() {
        long beginNs = System.nanoTime();
        try {
            do {
                takeTurn(turns.remove());
            } while (!turns.isEmpty() && System.nanoTime() - beginNs < TURNS_NS);
        } finally {
            turnsDue = false;
            if (!turns.isEmpty()) {
                scheduleTurns();
            }
        }
    }

    private static void takeTurn(Connection connection) {
        try {
            connection.takeTurn();
        } catch (Throwable e) {
            // A scheduled task would keep it to itself, and the connection would stand still.
            LoopFaults.onFault("closing a connection whose turn failed", e);
            connection.onAbort();
        }
    }

    // ---- room ----

    /// Stops reading a connection until there is room in the budget of what is not complete.
    void onStarving(Connection connection) {
        starving.add(new Starving(connection, clock.exactNs()));
    }

    private void feedStarving() {
        int waiting = starving.size();
        for (int i = 0; i < waiting; i++) {
            Starving first = starving.remove();
            Connection connection = first.connection;
            if (connection.slot < 0 || !connection.starving) {
                continue;
            }
            if (!incomplete.isFull()) {
                connection.starving = false;
                connection.onFed();
            } else if (incomplete.isFarAbove() || clock.exactNs() - first.sinceNs >= LONGEST_STARVING_NS) {
                connection.starving = false;
                connection.onStarved();
            } else {
                starving.add(first);
            }
        }
    }

    private record Starving(Connection connection, long sinceNs) {}

    // ---- time ----

    /// Moves the clock and looks at the next tenth of the connections.
    void onTick() {
        clock.beat();
        try {
            feedStarving();
            connections.walk(TICKS_PER_SWEEP);
        } catch (Throwable e) {
            // Thrown on, it would end the ticker without a word.
            LoopFaults.onFault("a tick of an event loop failed", e);
        }
    }

    // ---- end ----

    boolean isDraining() {
        return draining;
    }

    /// The server leaves soon: each answer from now on is the last one of its connection.
    void onLeaving() {
        leaving = true;
    }

    /// Whether no connection is kept for another request.
    boolean isLeaving() {
        return leaving;
    }

    /// No new work; each connection hears that its end is near.
    void onDraining(int withinMs) {
        leaving = true;
        draining = true;
        connections.forEach(connection -> connection.onDraining(withinMs));
    }

    /// Closes all sockets without a word.
    void onAbort() {
        connections.forEach(Connection::onAbort);
    }
}
