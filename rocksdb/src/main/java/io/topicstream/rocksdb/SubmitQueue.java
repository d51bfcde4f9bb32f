package io.topicstream.rocksdb;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// The bounded queue in front of the writer: many threads put in, the writer takes out, nobody waits.
///
/// It is a ring of slots. A producer first reserves bytes, then claims the next slot with one atomic add, then fills
/// it; so the ring is never full for a producer that has a reservation. The writer takes the slots in the order in
/// which they were claimed, which is the order of the calls of any one thread.
///
/// All that waits draws on one count of bytes, appends and commands alike, and holds them until it is *answered*, not
/// until it is taken: what waits for a sync counts too. How far the count may go depends on what asks ([Room]); a
/// single one that is larger is taken when nothing else waits.
final class SubmitQueue {
    /// Nothing counts for less ([Append#sizeBytes] begins at 128, and each draft adds 128).
    private static final int MIN_BYTES = 256;

    private static final int MAX_PLACES = 1 << 22;

    /// More than all that can be reserved: with it added, every reservation fails.
    private static final long CLOSED = 1L << 50;

    /// Up to which bound something is taken.
    enum Room {
        /// The soft bound: for what may be lost, or is asked for again later.
        SOFT,
        /// The hard bound: for what clients write.
        HARD,
        /// Twice the hard bound: for what is small, or must not wait behind what clients write.
        RESERVE
    }

    /// Appends and commands. An append is a class of the core's, so no type of the engine's stands for both, and one
    /// that wraps it would be an object more for each message. [InHand] tells them apart again.
    private final AtomicReferenceArray<@Nullable Object> slots;

    private final int mask;
    private final int minBytes;
    private final long softBytes;
    private final long hardBytes;
    private final AtomicLong claimed = new AtomicLong();
    private final AtomicLong heldBytes = new AtomicLong();
    private long taken;
    private boolean isClosed;

    SubmitQueue(long softBytes, long hardBytes) {
        this.softBytes = softBytes;
        this.hardBytes = hardBytes;
        minBytes = Math.toIntExact(Math.max(MIN_BYTES, hardBytes / MAX_PLACES));
        int places = Math.toIntExact(hardBytes / minBytes + 1);
        // At least twice as many as there are places up to the hard bound: the reserve goes to twice of that.
        int size = Integer.highestOneBit(places) << 2;
        slots = new AtomicReferenceArray<>(size);
        mask = size - 1;
    }

    Admission append(Append append) {
        int bytes = bytesOf(append);
        long held = heldBytes.addAndGet(bytes);
        if (held > hardBytes && held != bytes) {
            heldBytes.addAndGet(-bytes);
            return Admission.REFUSED;
        }
        slots.set(claim(), append);
        return held > softBytes ? Admission.ACCEPTED_SLOW_DOWN : Admission.ACCEPTED;
    }

    /// Takes the command, or refuses it; past half of its bound, with the wish for fewer.
    Admission command(Command command) {
        int bytes = bytesOf(command);
        long held = heldBytes.addAndGet(bytes);
        long bound = switch (command.room()) {
            case SOFT -> softBytes;
            case HARD -> hardBytes;
            case RESERVE -> 2 * hardBytes;
        };
        if (held > bound && held != bytes) {
            heldBytes.addAndGet(-bytes);
            return Admission.REFUSED;
        }
        slots.set(claim(), command);
        return held > bound / 2 ? Admission.ACCEPTED_SLOW_DOWN : Admission.ACCEPTED;
    }

    private int claim() {
        return (int) claimed.getAndIncrement() & mask;
    }

    /// Takes the next item into the hand. Called by the writer.
    ///
    /// @return false where there was none
    boolean poll(InHand hand) {
        int slot = (int) taken & mask;
        Object item = slots.getAcquire(slot);
        if (item == null) {
            return false;
        }
        slots.setRelease(slot, null);
        taken++;
        if (item instanceof Append append) {
            hand.take(append);
        } else {
            hand.take((Command) item);
        }
        return true;
    }

    /// Whether [#poll] would find nothing. Called by the writer.
    boolean isEmpty() {
        return slots.get((int) taken & mask) == null;
    }

    /// About how many items wait. Called by the writer.
    long size() {
        return claimed.get() - taken;
    }

    /// What an append counts for.
    int bytesOf(Append append) {
        return Math.max(minBytes, append.sizeBytes());
    }

    /// What a command counts for: the same each time.
    int bytesOf(Command command) {
        return Math.max(minBytes, command.sizeBytes());
    }

    /// Gives back the bytes of what was answered.
    void release(long bytes) {
        heldBytes.addAndGet(-bytes);
    }

    /// Refuses everything from now on.
    synchronized void close() {
        if (!isClosed) {
            isClosed = true;
            heldBytes.addAndGet(CLOSED);
        }
    }

    /// Whether nothing that was taken in is unanswered; to be asked after [#close].
    boolean isDrained() {
        return heldBytes.get() == CLOSED;
    }

    /// The bytes of all that was taken in and is not answered yet.
    long heldBytes() {
        long held = heldBytes.get();
        return held >= CLOSED / 2 ? held - CLOSED : held;
    }
}
