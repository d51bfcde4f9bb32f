package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetAddress;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// What the connections of one event loop share: the list of them, the clock, the memory to unmask into, the
/// size of reads. Used on that loop only.
///
/// There are no timers per connection. One coarse ticker walks the list, a tenth of it at a time, so that each
/// connection is looked at once per sweep and pings spread by themselves.
final class TransportLoop {
    static final int TICKS_PER_SWEEP = 10;

    /// The milliseconds begin a minute before they wrap around, so that every run sees them do it.
    private static final int FIRST_MS = Integer.MAX_VALUE - 60_000;

    /// How long a connection waits for room before it is refused.
    private static final long LONGEST_STARVING_NS = 500_000_000;

    /// How long the loop does work that waited before it looks after its sockets again.
    private static final long TURNS_NS = 4_000_000;

    private static final int READ_BYTES = 16 * 1024;
    private static final int KEPT_SCRATCH_BYTES = 256 * 1024;
    private static final String WEBSOCKET_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final byte[] NO_BYTES = {};
    /// The JDK's own format of this name writes the first nine days of a month with one digit.
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

    final EventLoop eventLoop;
    final TransportLimits limits;
    final RequestTarget.Recent targets = new RequestTarget.Recent();
    final HttpAnswers answers;
    /// What connections keep of what is not complete, over all loops.
    final ByteBudget incomplete;
    /// HTTP answers that are made or wait to be sent, over all loops.
    final ByteBudget unsentAnswers;
    private final LongSupplier nanoClock;
    private final InstantSource wallClock;
    private final ConnectionCounts counts;
    private final long startNs;
    private final WriteBufferWaterMark watermark;
    private final SharedReads reads = new SharedReads();

    private final ArrayList<Connection> connections = new ArrayList<>();
    private final ArrayDeque<Starving> starving = new ArrayDeque<>();
    private final ArrayDeque<HttpConnection> probes = new ArrayDeque<>();
    /// Those whose work goes on when the loop has looked after its sockets, oldest first, each once.
    private final ArrayDeque<Connection> turns = new ArrayDeque<>(0);

    private boolean turnsDue;
    private int cursor;
    /// The last tick, for other threads.
    private volatile long beatNs;

    private long nowNs;
    private long countedNs;
    private int nowMs = FIRST_MS;
    private byte[] scratch = new byte[READ_BYTES];
    private byte[] input = new byte[READ_BYTES];
    private final MessageDigest sha1 = sha1();
    private boolean leaving;
    private boolean draining;
    private long dateSecond = Long.MIN_VALUE;
    private String date = "";
    private byte[] dateLine = NO_BYTES;

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
        this.nanoClock = nanoClock;
        this.wallClock = wallClock;
        this.counts = counts;
        this.startNs = nanoClock.getAsLong();
        this.beatNs = startNs;
        this.nowNs = startNs;
        this.answers = new HttpAnswers(this);
        this.watermark = new WriteBufferWaterMark(limits.lowWatermarkBytes(), limits.highWatermarkBytes());
    }

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
                turns.remove().takeTurn();
            } while (!turns.isEmpty() && System.nanoTime() - beginNs < TURNS_NS);
        } finally {
            turnsDue = false;
            if (!turns.isEmpty()) {
                scheduleTurns();
            }
        }
    }

    void configure(Channel channel) {
        channel.config().setWriteBufferWaterMark(watermark).setRecvByteBufAllocator(reads);
    }

    void add(Connection connection) {
        connection.slot = connections.size();
        connections.add(connection);
    }

    /// Takes `connection`, whose channel is closed, off the list and out of the counts.
    void remove(Connection connection, Channel channel) {
        int slot = connection.slot;
        if (slot < 0) {
            return;
        }
        Connection last = connections.removeLast();
        if (last != connection) {
            connections.set(slot, last);
            last.slot = slot;
        }
        connection.slot = -1;
        if (connection instanceof HttpConnection http && http.isProbe()) {
            // One that gave its place to another is in the list no more.
            if (probes.remove(http)) {
                counts.removeProbe();
            }
            Peer peer = Peer.of(channel);
            InetAddress counted = peer == null ? null : peer.counted();
            if (counted != null) {
                counts.removeAddress(counted);
            }
        } else {
            counts.remove(Peer.countedAddress(channel));
        }
    }

    /// Takes in a connection past the limit, which may only ask how the server is. Where there are too many of
    /// that kind the oldest of this loop goes.
    ///
    /// @return whether there is a place for it
    boolean admitsProbe() {
        if (counts.addProbe()) {
            return true;
        }
        HttpConnection oldest = probes.poll();
        if (oldest == null) {
            return false;
        }
        oldest.onAbort();
        return true;
    }

    void addProbe(HttpConnection probe) {
        probes.add(probe);
        add(probe);
    }

    /// Counts a connection that a trusted proxy made by the address of the client for whom alone it will be from now
    /// on.
    ///
    /// @throws Refusal if the client has too many
    void countClient(Channel channel, RequestSource client) {
        Peer peer = Peer.of(channel);
        if (peer != null && peer.counted() == null && client.isProxied()) {
            if (!counts.addAddress(client.address())) {
                throw new Refusal(429, ConnectionCounts.TOO_MANY, Map.of("Retry-After", "1"));
            }
            peer.countAs(client.address());
        }
    }

    void replace(Connection from, Connection to) {
        to.slot = from.slot;
        connections.set(to.slot, to);
        from.slot = -1;
    }

    int connections() {
        return connections.size();
    }

    /// Moves the clock and looks at the next tenth of the connections.
    void onTick() {
        beatNs = nanoClock.getAsLong();
        try {
            feedStarving();
            walk((connections.size() + TICKS_PER_SWEEP - 1) / TICKS_PER_SWEEP);
        } catch (Throwable e) {
            // Thrown on, it would end the ticker without a word.
            LoopFaults.onFault("a tick of an event loop failed", e);
        }
    }

    /// How long the loop's last tick is ago, in nanoseconds. May be asked on any thread.
    long sinceBeatNs() {
        return nanoClock.getAsLong() - beatNs;
    }

    /// Moves the clock and looks at all connections.
    void onSweep() {
        cursor = 0;
        walk(connections.size());
    }

    /// Stops reading a connection until there is room in the budget of what is not complete.
    void onStarving(Connection connection) {
        starving.add(new Starving(connection, nanoClock.getAsLong()));
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
            } else if (incomplete.isFarAbove() || nanoClock.getAsLong() - first.sinceNs >= LONGEST_STARVING_NS) {
                connection.starving = false;
                connection.onStarved();
            } else {
                starving.add(first);
            }
        }
    }

    private record Starving(Connection connection, long sinceNs) {}

    private void walk(int visits) {
        readClock();
        for (int i = 0; i < visits && !connections.isEmpty(); i++) {
            if (cursor >= connections.size()) {
                cursor = 0;
            }
            Connection connection = connections.get(cursor);
            try {
                connection.onTick(nowMs);
            } catch (RuntimeException e) {
                // One connection's fault must not stop the clock of all others.
                LoopFaults.onFault("closing a connection whose deadlines could not be looked at", e);
                connection.onAbort();
            }
            if (connection.slot == cursor) {
                cursor++;
            }
        }
    }

    /// Time in which the loop could not run (a collection, a stopped process, a starved machine) counts as two
    /// sweeps at most: what arrived meanwhile is still on the sockets, and nobody shall be late for our being late.
    private void readClock() {
        long beforeNs = nowNs;
        nowNs = nanoClock.getAsLong();
        countedNs += Math.min(nowNs - beforeNs, 2 * limits.sweep().toNanos());
        nowMs = FIRST_MS + (int) (countedNs / 1_000_000);
    }

    /// The time of the last tick, in milliseconds that wrap around.
    int nowMs() {
        return nowMs;
    }

    /// The time of the last tick.
    long nowNs() {
        return nowNs;
    }

    /// The time now, for what is counted within a second.
    int exactMs() {
        return (int) ((nanoClock.getAsLong() - startNs) / 1_000_000);
    }

    /// The value of a `Date` field (RFC 9110, 5.6.7), made once a second.
    String date() {
        long millis = wallClock.millis();
        long second = Math.floorDiv(millis, 1000L);
        if (second != dateSecond) {
            dateSecond = second;
            date = DATE.format(Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC));
            dateLine = ("\r\nDate: " + date + "\r\n").getBytes(US_ASCII);
        }
        return date;
    }

    /// The field `Date`, encoded, between two line ends.
    byte[] dateLine() {
        var _ = date();
        return dateLine;
    }

    /// The value of `Sec-WebSocket-Accept` that answers a `Sec-WebSocket-Key` (RFC 6455, 4.2.2).
    byte[] acceptKey(String key) {
        return Base64.getEncoder().encode(sha1.digest((key + WEBSOCKET_GUID).getBytes(US_ASCII)));
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }

    /// Memory of at least `bytes` to read into, until [#takeBackInput].
    byte[] lendInput(int bytes) {
        byte[] lent = input;
        if (bytes > lent.length) {
            return new byte[bytes];
        }
        input = NO_BYTES;
        return lent;
    }

    /// Ends a [#lendInput].
    void takeBackInput(byte[] lent) {
        if (input.length == 0 && lent.length == READ_BYTES) {
            input = lent;
        }
    }

    /// Memory of at least `bytes`, good until the next call.
    byte[] scratch(int bytes) {
        if (bytes <= scratch.length) {
            return scratch;
        }
        byte[] larger = new byte[Math.max(bytes, Math.min(KEPT_SCRATCH_BYTES, Integer.highestOneBit(bytes) << 1))];
        if (larger.length <= KEPT_SCRATCH_BYTES) {
            scratch = larger;
        }
        return larger;
    }

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
        for (Connection connection : snapshot()) {
            if (connection.slot >= 0) {
                connection.onDraining(withinMs);
            }
        }
    }

    /// Closes up to `most` of the connections that are not closing yet.
    void onStop(int most, int closeCode) {
        readClock();
        int left = most;
        for (Connection connection : snapshot()) {
            if (left > 0 && connection.slot >= 0 && connection.onStop(closeCode)) {
                left--;
            }
        }
    }

    /// Closes all sockets without a word.
    void onAbort() {
        for (Connection connection : snapshot()) {
            if (connection.slot >= 0) {
                connection.onAbort();
            }
        }
    }

    /// Callbacks may change the list.
    private List<Connection> snapshot() {
        return List.copyOf(connections);
    }

    /// Lets go of the memory that reads shared, when the loop has ended.
    void close() {
        reads.close();
    }

    /// Reads of one size whose bookkeeping and whose buffer are one per loop instead of one per connection: a
    /// loop reads one socket at a time, and mostly nothing is left of a read when the next one begins. A buffer
    /// of which somebody keeps a part is left to whoever does.
    @SuppressWarnings("deprecation") // the handle's own type is deprecated in favour of its sub-interface
    private static final class SharedReads extends DefaultMaxMessagesRecvByteBufAllocator {
        private @Nullable ByteBuf buffer;

        private final Handle shared = new MaxMessageHandle() {
            @Override
            public int guess() {
                return READ_BYTES;
            }

            @Override
            public ByteBuf allocate(ByteBufAllocator allocator) {
                ByteBuf mine = buffer;
                if (mine == null || mine.refCnt() > 1) {
                    close();
                    // Of this kind bytes can be read without a second view of the memory.
                    mine = PooledByteBufAllocator.DEFAULT.directBuffer(READ_BYTES);
                    buffer = mine;
                }
                return mine.clear().retain();
            }
        };

        SharedReads() {
            super(16);
        }

        @Override
        public Handle newHandle() {
            return shared;
        }

        void close() {
            ByteBuf mine = buffer;
            buffer = null;
            if (mine != null) {
                mine.release();
            }
        }
    }
}
