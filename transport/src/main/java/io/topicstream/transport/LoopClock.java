package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.function.LongSupplier;

/// The time of one event loop: that of its last tick, by which deadlines are looked at; the time now; and the date.
/// Used on that loop only, but for [#sinceBeatNs].
final class LoopClock {
    /// The milliseconds begin a minute before they wrap around, so that every run sees them do it.
    private static final int FIRST_MS = Integer.MAX_VALUE - 60_000;

    private static final byte[] NO_BYTES = {};
    /// The JDK's own format of this name writes the first nine days of a month with one digit.
    private static final DateTimeFormatter DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ENGLISH);

    private final LongSupplier nanoClock;
    private final InstantSource wallClock;
    private final long longestStepNs;
    private final long startNs;
    /// The last tick, for other threads.
    private volatile long beatNs;

    private long nowNs;
    private long countedNs;
    private int nowMs = FIRST_MS;
    private long dateSecond = Long.MIN_VALUE;
    private String date = "";
    private byte[] dateLine = NO_BYTES;

    /// @param nanoClock a monotonic clock, as `System::nanoTime`
    /// @param longestStepNs as what a longer time between two ticks counts
    LoopClock(LongSupplier nanoClock, InstantSource wallClock, long longestStepNs) {
        this.nanoClock = nanoClock;
        this.wallClock = wallClock;
        this.longestStepNs = longestStepNs;
        this.startNs = nanoClock.getAsLong();
        this.beatNs = startNs;
        this.nowNs = startNs;
    }

    /// The loop has come to its clock.
    void beat() {
        beatNs = nanoClock.getAsLong();
    }

    /// How long the last beat is ago, in nanoseconds. May be asked on any thread.
    long sinceBeatNs() {
        return nanoClock.getAsLong() - beatNs;
    }

    /// Moves the clock. Time in which the loop could not run (a collection, a stopped process, a starved machine)
    /// counts as the longest step at most: what arrived meanwhile is still on the sockets, and nobody shall be late
    /// for our being late.
    void tick() {
        long beforeNs = nowNs;
        nowNs = nanoClock.getAsLong();
        countedNs += Math.min(nowNs - beforeNs, longestStepNs);
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

    /// The time now, in nanoseconds from some moment.
    long exactNs() {
        return nanoClock.getAsLong();
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
}
