package io.topicstream.log;

import java.time.Duration;

/// How long the messages of a topic are kept: whichever limit comes first ends them, oldest first.
///
/// Messages go in the batches in which they were committed. So what is kept by count or bytes is at least the limit,
/// and at most one batch more; and a batch that is past its age goes as a whole, within a second or two.
///
/// @param ageMs how old a message may be, by its timestamp, in milliseconds; at least a second
/// @param messages how many are kept; at least 1
/// @param bytes how many bytes of them, as the engine counts what it stores; at least 1
public record Retention(long ageMs, long messages, long bytes) {
    /// In place of a limit that is not there.
    public static final long UNLIMITED = Long.MAX_VALUE;

    /// Everything, for ever.
    public static final Retention FOREVER = new Retention(UNLIMITED, UNLIMITED, UNLIMITED);

    /// What holds where nothing is configured, in a store that was made since there is retention: 30 days.
    public static final Retention DEFAULT = new Retention(Duration.ofDays(30).toMillis(), UNLIMITED, UNLIMITED);

    /// The shortest age, in milliseconds.
    public static final long MIN_AGE_MS = 1000;

    public Retention {
        if (ageMs < MIN_AGE_MS || messages < 1 || bytes < 1) {
            throw new IllegalArgumentException("nothing would be kept: " + ageMs + " ms, " + messages + " messages, "
                    + bytes + " bytes; it is a second, 1 message and 1 byte at least");
        }
    }

    /// Whether messages end by their age.
    public boolean hasAge() {
        return ageMs != UNLIMITED;
    }

    /// Whether messages end by their number or their bytes.
    public boolean hasCap() {
        return messages != UNLIMITED || bytes != UNLIMITED;
    }

    /// When a message of this timestamp ends, in epoch milliseconds; [#UNLIMITED] where it never does.
    public long endMs(long timestamp) {
        return plus(timestamp, ageMs);
    }

    /// The sum, where [#UNLIMITED] stays what it is.
    public static long plus(long number, long limit) {
        return limit >= UNLIMITED - Math.max(0, number) ? UNLIMITED : number + limit;
    }
}
