package io.topicstream.rocksdb;

/// Whether a group should wait a little for more, though it could be written.
///
/// The price of a sync does not depend on what is in it, so at some thousand messages a second it pays to let a few
/// more come. It pays only if they do: when a wait has not at least doubled what was there (one publisher that waits
/// for each answer), the next turns go without. Owned by the writer.
final class Linger {
    private static final int BELOW = 32;
    private static final long STEP_NS = 200_000;
    private static final int TURNS_WITHOUT = 64;

    private final long maxNs;
    private long lastWrittenNs;
    private boolean isLingering;
    private long queuedBefore;
    private int turnsWithout;

    /// @param maxNs how long after the last group the next one may be written, where little waits; 0 is at once
    Linger(long maxNs) {
        this.maxNs = maxNs;
    }

    /// A group was written.
    void wrote(long nowNs) {
        lastWrittenNs = nowNs;
    }

    /// How long the writer should wait before it looks again, in nanoseconds; 0 where it should write now.
    ///
    /// @param queued how many appends wait
    long leftNs(long queued) {
        if (maxNs == 0 || queued == 0) {
            return 0;
        }
        long left = lastWrittenNs + maxNs - System.nanoTime();
        if (isLingering) {
            if (queued < BELOW && left > 0) {
                // In steps: publishers that wait for their answers are all back long before the time is over.
                return Math.min(left, STEP_NS);
            }
            turnsWithout = queued >= 2 * queuedBefore ? 0 : TURNS_WITHOUT;
            isLingering = false;
            return 0;
        }
        if (left <= 0 || queued >= BELOW) {
            return 0;
        }
        if (turnsWithout > 0) {
            turnsWithout--;
            return 0;
        }
        isLingering = true;
        queuedBefore = queued;
        return Math.min(left, STEP_NS);
    }
}
