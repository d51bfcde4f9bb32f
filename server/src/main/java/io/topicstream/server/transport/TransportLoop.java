package io.topicstream.server.transport;

import io.netty.channel.Channel;
import io.netty.channel.DefaultMaxMessagesRecvByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.RecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.function.LongSupplier;

/// What the connections of one event loop share: the list of them, the clock, the memory to unmask into, the
/// size of reads. Used on that loop only.
///
/// There are no timers per connection. One coarse ticker walks the list, a tenth of it at a time, so that each
/// connection is looked at once per sweep and pings spread by themselves.
final class TransportLoop {
    static final int TICKS_PER_SWEEP = 10;

    private static final int READ_BYTES = 16 * 1024;
    private static final int KEPT_SCRATCH_BYTES = 256 * 1024;

    final EventLoop eventLoop;
    final TransportLimits limits;
    private final LongSupplier nanoClock;
    private final InstantSource wallClock;
    private final ConnectionCounts counts;
    private final long startNs;
    private final WriteBufferWaterMark watermark;
    private final RecvByteBufAllocator reads = new SharedReads();

    private Connection[] connections = new Connection[64];
    private int count;
    private int cursor;
    private long nowNs;
    private int nowMs;
    private byte[] scratch = new byte[READ_BYTES];
    private boolean draining;
    private long dateSecond = Long.MIN_VALUE;
    private String date = "";

    TransportLoop(
            EventLoop eventLoop,
            TransportLimits limits,
            LongSupplier nanoClock,
            InstantSource wallClock,
            ConnectionCounts counts) {
        this.eventLoop = eventLoop;
        this.limits = limits;
        this.nanoClock = nanoClock;
        this.wallClock = wallClock;
        this.counts = counts;
        this.startNs = nanoClock.getAsLong();
        this.nowNs = startNs;
        this.watermark = new WriteBufferWaterMark(limits.lowWatermarkBytes(), limits.highWatermarkBytes());
    }

    void configure(Channel channel) {
        channel.config().setWriteBufferWaterMark(watermark).setRecvByteBufAllocator(reads);
    }

    void add(Connection connection) {
        if (count == connections.length) {
            connections = Arrays.copyOf(connections, count * 2);
        }
        connection.slot = count;
        connections[count++] = connection;
    }

    /// Takes `connection`, whose channel is closed, off the list and out of the counts.
    void remove(Connection connection, Channel channel) {
        int slot = connection.slot;
        if (slot < 0) {
            return;
        }
        Connection last = connections[--count];
        connections[slot] = last;
        last.slot = slot;
        connections[count] = null;
        connection.slot = -1;
        counts.remove(channel.remoteAddress());
    }

    void replace(Connection from, Connection to) {
        to.slot = from.slot;
        connections[to.slot] = to;
        from.slot = -1;
    }

    int connections() {
        return count;
    }

    /// Moves the clock and looks at the next tenth of the connections.
    void onTick() {
        walk((count + TICKS_PER_SWEEP - 1) / TICKS_PER_SWEEP);
    }

    /// Moves the clock and looks at all connections.
    void onSweep() {
        cursor = 0;
        walk(count);
    }

    private void walk(int visits) {
        readClock();
        for (int i = 0; i < visits && count > 0; i++) {
            if (cursor >= count) {
                cursor = 0;
            }
            Connection connection = connections[cursor];
            connection.onTick(nowMs);
            if (cursor < count && connections[cursor] == connection) {
                cursor++;
            }
        }
    }

    private void readClock() {
        nowNs = nanoClock.getAsLong();
        nowMs = (int) ((nowNs - startNs) / 1_000_000);
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
            date = DateTimeFormatter.RFC_1123_DATE_TIME.format(
                    Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC));
        }
        return date;
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

    /// No new work; each connection hears that its end is near.
    void onDraining(int withinMs) {
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
    private Connection[] snapshot() {
        return Arrays.copyOf(connections, count);
    }

    /// Reads of one size whose bookkeeping is one object per loop instead of one per connection: a loop reads
    /// one socket at a time.
    private static final class SharedReads extends DefaultMaxMessagesRecvByteBufAllocator {
        private final Handle shared = new MaxMessageHandle() {
            @Override
            public int guess() {
                return READ_BYTES;
            }
        };

        SharedReads() {
            super(16);
        }

        @Override
        public Handle newHandle() {
            return shared;
        }
    }
}
