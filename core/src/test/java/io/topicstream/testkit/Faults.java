package io.topicstream.testkit;

/// How often a [FaultyLog] goes wrong in each way, as shares from 0 to 1.
///
/// @param refused appends that are not taken
/// @param slowedDown appends that are taken with the wish to slow down
/// @param lost appends that are not stored and answered with `Unavailable`
/// @param unknown appends that are stored and yet answered with `Unavailable`
/// @param failedReads reads and other questions that fail
/// @param lostFeeds batches that do not arrive; their feed is lost instead
/// @param lostBatches batches that do not arrive; the next one leaves a gap, and the tail is told a little
///     later
/// @param delayed answers and hand-overs that come late, with everything behind them on their lane
/// @param maxDelayMs how late they come at most
public record Faults(
        double refused,
        double slowedDown,
        double lost,
        double unknown,
        double failedReads,
        double lostFeeds,
        double lostBatches,
        double delayed,
        int maxDelayMs) {
    /// Nothing goes wrong.
    public static final Faults NONE = new Faults(0, 0, 0, 0, 0, 0, 0, 0, 0);

    /// Everything goes wrong now and then.
    public static final Faults SOME = new Faults(0.05, 0.05, 0.05, 0.05, 0.05, 0.02, 0.02, 0.1, 500);

    public Faults {
        for (double share :
                new double[] {refused, slowedDown, lost, unknown, failedReads, lostFeeds, lostBatches, delayed}) {
            if (!(share >= 0 && share <= 1)) {
                throw new IllegalArgumentException("a share is from 0 to 1: " + share);
            }
        }
        if (maxDelayMs < 0 || (delayed > 0 && maxDelayMs == 0)) {
            throw new IllegalArgumentException("no delay: " + maxDelayMs);
        }
    }
}
