package io.topicstream.aws.events;

import java.time.Duration;

/// How long one call of the function may take for sinks. Immutable.
///
/// A post that is begun has its time, so none is begun late.
///
/// @param beginsUntilNs until when posts begin, by the system's own measure
/// @param endsNs until when all of them have ended
/// @param forPost how long a post may take at most
record CallTime(long beginsUntilNs, long endsNs, Duration forPost) {
    /// A stage waits for an event of a stream for longer, but those behind it wait too.
    private static final Duration LONGEST = Duration.ofSeconds(24);
    /// A sink may have more on a server.
    private static final Duration LONGEST_POST = Duration.ofSeconds(12);
    /// Where there is no time at all none is begun.
    private static final Duration SHORTEST_POST = Duration.ofMillis(1);
    /// What is left for places and the answer.
    private static final Duration AFTERWARDS = Duration.ofSeconds(4);
    /// The table is asked for longer than posts are made.
    private static final Duration PLACES = Duration.ofSeconds(3);

    /// @param left how long the call may take in all
    /// @param begins how long posts are begun at most
    static CallTime of(Duration left, Duration begins) {
        Duration most = min(LONGEST, left.minus(AFTERWARDS));
        if (most.isNegative()) {
            most = Duration.ZERO;
        }
        Duration forBegins = min(begins, most.dividedBy(2));
        long nowNs = System.nanoTime();
        Duration forPost = min(LONGEST_POST, most.minus(forBegins));
        return new CallTime(
                nowNs + forBegins.toNanos(), nowNs + most.toNanos(), forPost.isZero() ? SHORTEST_POST : forPost);
    }

    static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    /// Whether another post may begin.
    boolean isOpen() {
        return beginsUntilNs - System.nanoTime() > 0;
    }

    /// How long the table is waited for.
    Duration patience() {
        Duration left = Duration.ofNanos(endsNs - System.nanoTime());
        return (left.isNegative() ? Duration.ZERO : left).plus(PLACES);
    }
}
