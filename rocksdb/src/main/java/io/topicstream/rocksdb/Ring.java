package io.topicstream.rocksdb;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// A bounded queue from one thread to one other.
final class Ring<T> {
    private final AtomicReferenceArray<@Nullable T> slots;
    private final int mask;
    private int put;
    private int taken;

    /// @param size a power of two
    Ring(int size) {
        slots = new AtomicReferenceArray<>(size);
        mask = size - 1;
    }

    /// Whether it was taken in.
    boolean offer(T item) {
        int slot = put & mask;
        if (slots.getAcquire(slot) != null) {
            return false;
        }
        slots.set(slot, item);
        put++;
        return true;
    }

    /// Whether [#offer] would fail. Called by the producer.
    boolean isFull() {
        return slots.getAcquire(put & mask) != null;
    }

    @Nullable
    T poll() {
        int slot = taken & mask;
        T item = slots.getAcquire(slot);
        if (item != null) {
            slots.set(slot, null);
            taken++;
        }
        return item;
    }

    /// Whether [#poll] would find nothing. Called by the consumer.
    boolean isEmpty() {
        return slots.get(taken & mask) == null;
    }
}
