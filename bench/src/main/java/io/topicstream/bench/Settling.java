package io.topicstream.bench;

/// Whether a server under one round of load after another has come to rest, by what a message costs it.
///
/// A fresh virtual machine interprets, then compiles, then compiles better, and pays for all three in CPU; a store
/// fills its caches. What a message costs therefore falls for some seconds, and is then what it will be.
final class Settling {
    /// A round has to cost this much less than the last step forward to be one itself, so that small ones add up.
    private static final double STEP = 0.05;

    /// So many rounds in a row without a step are rest; one alone may have been disturbed.
    private static final int ROUNDS_OF_REST = 2;

    private final int least;
    private final int most;
    private int rounds;
    private int atRest;
    private double lastStep = Double.POSITIVE_INFINITY;

    /// @param least rounds that there are in any case, at least 1
    /// @param most rounds after which there are no more, at least `least`
    Settling(int least, int most) {
        if (least < 1 || most < least) {
            throw new IllegalArgumentException(least + " to " + most + " rounds");
        }
        this.least = least;
        this.most = most;
    }

    /// Takes a round into account.
    ///
    /// @param cost of a message in this round, in any unit; zero where it cannot be told
    /// @return whether there has to be another one
    boolean goesOnAfter(double cost) {
        rounds++;
        if (cost < lastStep * (1 - STEP)) {
            lastStep = cost;
            atRest = 0;
        } else {
            atRest++;
        }
        return rounds < least || (atRest < ROUNDS_OF_REST && rounds < most);
    }

    int rounds() {
        return rounds;
    }
}
