package io.topicstream.events;

import java.util.random.RandomGenerator;

/// How long a sink waits before it posts an event again: one second after the first failure, twice as
/// long after each further one, up to five minutes; of that between half and all, drawn by chance.
public final class Waits {
    private static final long FIRST_MS = 1_000;
    private static final int DOUBLINGS = 8;

    /// The longest, in milliseconds.
    static final long LONGEST_MS = 300_000;

    private Waits() {}

    /// The wait, in milliseconds.
    ///
    /// @param failures how often it has failed in a row, from 1
    /// @param askedMs how long the receiver asks to wait at least
    public static long ms(int failures, long askedMs, RandomGenerator random) {
        int doublings = Math.min(failures - 1, DOUBLINGS + 1);
        long longest = Math.min(LONGEST_MS, FIRST_MS << doublings);
        return Math.max(askedMs, longest / 2 + random.nextLong(longest / 2 + 1));
    }
}
