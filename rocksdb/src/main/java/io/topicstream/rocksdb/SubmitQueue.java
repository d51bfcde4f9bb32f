package io.topicstream.rocksdb;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The bounded queue in front of the writer: many threads put in, the writer takes out, nobody waits.
///
/// It is a ring of slots. A producer first reserves (bytes for an append, a place for a command), then claims
/// the next slot with one atomic add, then fills it; so the ring is never full for who has a reservation. The
/// writer takes the slots in the order in which they were claimed, which is the order of the calls of any one
/// thread.
///
/// The bytes of an append are held until it is *answered*, not until it is taken: what waits for a sync counts too.
final class SubmitQueue {
    /// No append counts for less ([Append#sizeBytes] begins at 128, and each draft adds 128).
    private static final int MIN_APPEND_BYTES = 256;

    /// More than all that can be reserved: with it added, every reservation fails.
    private static final long CLOSED = 1L << 50;

    private final AtomicReferenceArray<@Nullable Object> slots;
    private final int mask;
    private final long softBytes;
    private final long hardBytes;
    private final int maxCommands;
    private final AtomicLong claimed = new AtomicLong();
    private final AtomicLong heldBytes = new AtomicLong();
    private final AtomicInteger heldCommands = new AtomicInteger();
    private long taken;

    SubmitQueue(long softBytes, long hardBytes) {
        this.softBytes = softBytes;
        this.hardBytes = hardBytes;
        long places = hardBytes / MIN_APPEND_BYTES + 1;
        int size = Integer.highestOneBit((int) Math.min(places, 1 << 22)) << 2;
        slots = new AtomicReferenceArray<>(size);
        mask = size - 1;
        maxCommands = size / 4;
    }

    Admission append(Append append) {
        int bytes = Math.max(MIN_APPEND_BYTES, append.sizeBytes());
        long held = heldBytes.addAndGet(bytes);
        if (held > hardBytes && held != bytes) {
            heldBytes.addAndGet(-bytes);
            return Admission.REFUSED;
        }
        put(append);
        return held > softBytes ? Admission.ACCEPTED_SLOW_DOWN : Admission.ACCEPTED;
    }

    /// Whether the command was taken.
    boolean command(Command command) {
        if (heldCommands.incrementAndGet() > maxCommands) {
            heldCommands.decrementAndGet();
            return false;
        }
        put(command);
        return true;
    }

    private void put(Object item) {
        slots.set((int) claimed.getAndIncrement() & mask, item);
    }

    /// The next item, or null. Called by the writer.
    @Nullable
    Object poll() {
        int slot = (int) taken & mask;
        Object item = slots.getAcquire(slot);
        if (item == null) {
            return null;
        }
        slots.setRelease(slot, null);
        taken++;
        if (item instanceof Command) {
            heldCommands.decrementAndGet();
        }
        return item;
    }

    /// Whether [#poll] would find something. Called by the writer.
    boolean isEmpty() {
        return slots.get((int) taken & mask) == null;
    }

    /// About how many items wait. Called by the writer.
    long size() {
        return claimed.get() - taken;
    }

    static int bytesOf(Append append) {
        return Math.max(MIN_APPEND_BYTES, append.sizeBytes());
    }

    /// Gives back the bytes of appends that were answered.
    void release(long bytes) {
        heldBytes.addAndGet(-bytes);
    }

    /// Refuses everything from now on.
    void close() {
        heldBytes.addAndGet(CLOSED);
        heldCommands.addAndGet(1 << 29);
    }

    /// Whether nothing that was taken in is unanswered; to be asked after [#close].
    boolean isDrained() {
        return heldBytes.get() == CLOSED && heldCommands.get() == 1 << 29;
    }

    long heldBytes() {
        long held = heldBytes.get();
        return held >= CLOSED ? held - CLOSED : held;
    }
}
