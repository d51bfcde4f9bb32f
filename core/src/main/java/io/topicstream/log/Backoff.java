package io.topicstream.log;

import java.util.random.RandomGenerator;

/// How long to wait before something that failed is tried again: longer each time, up to a second, and
/// drawn by chance, so that a thousand that failed together do not come back together.
public final class Backoff {
    /// The longest wait, in milliseconds.
    public static final long MAX_MS = 1_000;

    private static final long FIRST_MS = 50;
    private static final int DOUBLINGS = 5;

    private Backoff() {}

    /// How long to wait, in milliseconds; never nothing.
    ///
    /// @param failures how often it has failed in a row, at least 1
    public static long delayMs(int failures, RandomGenerator random) {
        long longest = Math.min(MAX_MS, FIRST_MS << Math.min(failures - 1, DOUBLINGS));
        return longest / 2 + random.nextLong(longest / 2 + 1);
    }
}
