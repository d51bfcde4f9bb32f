package io.topicstream.bench;

/// What every subscriber saw of every publisher, as a row of lanes: a lane is one publisher's
/// messages on one topic at one subscriber, numbered from 0 without gaps.
///
/// Each lane remembers its highest number and a bit for each of the 64 numbers below it. What is
/// late beyond that is a duplicate if no older number is missing, else it counts as out of order.
/// Owned by the thread of the run.
final class SequenceCheck {
    /// What one arrival was.
    enum Verdict {
        /// The next one, or one after a gap that may still fill.
        NEW,
        /// One that should have come before another that was there already.
        OUT_OF_ORDER,
        /// One that had been there.
        DUPLICATE
    }

    private final long[] seen;
    private final long[] highest;
    private final long[] distinct;
    private long duplicated;
    private long outOfOrder;

    /// @param lanes how many lanes, at least 0
    SequenceCheck(int lanes) {
        seen = new long[lanes];
        highest = new long[lanes];
        distinct = new long[lanes];
        java.util.Arrays.fill(highest, -1);
    }

    int lanes() {
        return highest.length;
    }

    /// Takes one arrival into account.
    Verdict onArrival(int lane, long number) {
        long ahead = number - highest[lane];
        if (ahead > 0) {
            seen[lane] = (ahead >= 64 ? 0 : seen[lane] << ahead) | 1;
            highest[lane] = number;
            distinct[lane]++;
            return Verdict.NEW;
        }
        long behind = -ahead;
        boolean duplicate;
        if (behind < 64) {
            duplicate = (seen[lane] >>> behind & 1) != 0;
            seen[lane] |= 1L << behind;
        } else {
            duplicate = missingBelowWindow(lane) == 0;
        }
        if (duplicate) {
            duplicated++;
            return Verdict.DUPLICATE;
        }
        distinct[lane]++;
        outOfOrder++;
        return Verdict.OUT_OF_ORDER;
    }

    private long missingBelowWindow(int lane) {
        long window = Math.min(64, highest[lane] + 1);
        long missingInWindow = window - Long.bitCount(seen[lane]);
        return highest[lane] + 1 - distinct[lane] - missingInWindow;
    }

    /// How many of the first `sent` numbers of a lane never came.
    long lost(int lane, long sent) {
        return Math.max(0, sent - distinct[lane]);
    }

    long duplicated() {
        return duplicated;
    }

    long outOfOrder() {
        return outOfOrder;
    }
}
