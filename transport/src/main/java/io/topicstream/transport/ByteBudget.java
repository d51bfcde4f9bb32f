package io.topicstream.transport;

import java.util.concurrent.atomic.AtomicLong;

/// A bound in bytes on what all connections together keep of one kind. It only counts: whoever adds asks first,
/// and decides what to do past the bound. Thread-safe.
final class ByteBudget {
    private final long capBytes;
    private final AtomicLong usedBytes = new AtomicLong();

    /// @param capBytes for all connections together
    ByteBudget(long capBytes) {
        this.capBytes = capBytes;
    }

    /// Counts what was added, or taken away where it is negative.
    void add(long bytes) {
        usedBytes.addAndGet(bytes);
    }

    long usedBytes() {
        return usedBytes.get();
    }

    /// Whether there is room for so much more.
    boolean hasRoom(long bytes) {
        return usedBytes.get() + bytes <= capBytes;
    }

    /// Whether there is room for so much more in the quarter above the bound, which is kept for small things.
    boolean hasSmallRoom(long bytes) {
        return usedBytes.get() + bytes <= capBytes + capBytes / 4;
    }

    /// Whether nothing more should be kept.
    boolean isFull() {
        return usedBytes.get() >= capBytes;
    }

    /// Whether so much is kept that waiting for room is no use.
    boolean isFarAbove() {
        return usedBytes.get() >= 2 * capBytes;
    }

    /// Whether half of it is used, so that those who are slow should make room.
    boolean isPressed() {
        return usedBytes.get() >= capBytes / 2;
    }
}
