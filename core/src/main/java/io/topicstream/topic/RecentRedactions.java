package io.topicstream.topic;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/// What was taken back of one topic just now, as it was told: for those whose socket took nothing at that
/// moment, or who are catching up, so that they hear it when they are live. Owned by the lane's thread.
///
/// A subscription counts what it was told of in eight bits. So at most [#KEPT] are kept; who is further behind
/// misses the oldest, and finds it when he reads again.
final class RecentRedactions {
    /// How many signals are kept.
    static final int KEPT = 100;

    private final ArrayDeque<byte[]> kept = new ArrayDeque<>();
    private byte count;

    /// How many there were, in eight bits.
    byte count() {
        return count;
    }

    void add(byte[] signal) {
        if (kept.size() == KEPT) {
            kept.removeFirst();
        }
        kept.addLast(signal);
        count++;
    }

    /// The last one; there was one.
    byte[] last() {
        return kept.getLast();
    }

    /// Whether somebody who was told of so many misses the last one alone.
    boolean isOneBehind(byte told) {
        return (byte) (told + 1) == count;
    }

    /// Those that somebody was not told of who was told of so many, oldest first.
    List<byte[]> since(byte told) {
        int missed = Math.min(kept.size(), (count - told) & 0xFF);
        return new ArrayList<>(kept).subList(kept.size() - missed, kept.size());
    }
}
