package io.topicstream.testkit;

import java.util.Random;
import java.util.SplittableRandom;

/// Where tests get their randomness: each asks for a seed, which is printed, and a failed run is
/// played again by giving it back with `-Dtopicstream.seed=…`.
public final class Seeds {
    /// The system property that replaces every seed.
    public static final String PROPERTY = "topicstream.seed";

    private Seeds() {}

    /// A new seed, or the one that is to be played again.
    ///
    /// @param what names the run in the line that is printed
    public static long next(String what) {
        String given = System.getProperty(PROPERTY);
        long seed = given == null || given.isBlank() ? new SplittableRandom().nextLong() >>> 16 : parse(given.strip());
        System.out.println("seed of " + what + ": " + seed + " (again with -D" + PROPERTY + "=" + seed + ")");
        return seed;
    }

    /// A generator from [#next].
    public static Random random(String what) {
        return new Random(next(what));
    }

    private static long parse(String given) {
        try {
            return Long.parseLong(given);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(PROPERTY + " is a whole number, not: " + given, e);
        }
    }
}
