package io.topicstream.aws.dynamo;

import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicLong;

/// The versions that a node gives to state records: the time in milliseconds, and eleven random bits.
///
/// They rise on a node, whatever its clock does; those of two nodes are ordered by the condition of each write. They
/// stay below 2 to the power of 53, so that every reader of JSON takes them whole. Thread-safe.
final class StateVersions {
    private static final int RANDOM_BITS = 11;
    private static final int MARK_BYTES = 8;

    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final AtomicLong last = new AtomicLong();

    StateVersions(InstantSource clock) {
        this.clock = clock;
    }

    /// A new version that is above this one.
    long above(long floor) {
        long fresh = (clock.millis() << RANDOM_BITS) + random.nextInt(1 << RANDOM_BITS);
        return Math.max(floor + 1, last.updateAndGet(before -> Math.max(before + 1, fresh)));
    }

    /// A record has this version: another node is ahead. Versions go on from there.
    void saw(long version) {
        last.accumulateAndGet(version, Math::max);
    }

    /// By which a change is known again.
    byte[] mark() {
        byte[] mark = new byte[MARK_BYTES];
        random.nextBytes(mark);
        return mark;
    }
}
