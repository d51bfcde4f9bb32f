package io.topicstream.topic;

import io.topicstream.log.Batch;
import io.topicstream.log.Message;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The batches of one topic that a lane has heard of and not delivered yet. Owned by the lane's thread.
///
/// All topics of a lane share a bound in bytes. A batch for which there is no room is left to the log, and so
/// is all that comes after it, until the lane has read from the log what it left there: so a lane that
/// delivers more slowly than others publish keeps a bounded part of it, and reads the rest once for all who
/// listen, instead of once for each of them.
final class PendingBatches {
    private static final int MAX_RUN_BYTES = 64 * 1024;
    private static final long NOTHING = 0;

    /// What the topics of one lane keep together.
    static final class Room {
        private final long most;
        private long taken;

        /// @param most in bytes
        Room(long most) {
            this.most = most;
        }

        boolean hasSome() {
            return taken < most;
        }
    }

    private final Room room;
    private final List<Batch> batches = new ArrayList<>(1);
    private long bytes;
    /// The log has more up to this offset, which is not in it; [#NOTHING] where nothing was left to it.
    private long leftUpTo;

    PendingBatches(Room room) {
        this.room = room;
    }

    /// Keeps the batch, or leaves it to the log.
    void add(Batch batch) {
        long more = sizeBytes(batch);
        if (leftUpTo == NOTHING && room.hasSome()) {
            keep(batch, more);
        } else {
            leave(batch);
        }
    }

    private void keep(Batch batch, long more) {
        batches.add(batch);
        bytes += more;
        room.taken += more;
    }

    /// Keeps what was read of the log, of what was left to it.
    void addLeft(Batch batch) {
        keep(batch, sizeBytes(batch));
        if (batch.nextOffset() >= leftUpTo) {
            leftUpTo = NOTHING;
        }
    }

    /// The log has messages before this offset that nobody told of. Whether they will be read from it
    /// because others before them are.
    boolean leaves(long next) {
        if (leftUpTo == NOTHING) {
            return !batches.isEmpty() && batches.getLast().nextOffset() >= next;
        }
        leftUpTo = Math.max(leftUpTo, next);
        return true;
    }

    /// Whether what the lane delivers next has to be read from the log.
    boolean isToBeRead(long position) {
        return batches.isEmpty() && leftUpTo > position;
    }

    /// The offset up to which the log has more.
    long leftUpTo() {
        return leftUpTo;
    }

    /// Leaves the batch to the log.
    void leave(Batch batch) {
        leftUpTo = Math.max(leftUpTo, batch.nextOffset());
    }

    /// Leaves everything that it keeps to the log.
    void leaveAll() {
        if (!batches.isEmpty()) {
            leave(batches.getLast());
            clearBatches();
        }
    }

    /// Forgets everything: those who want it catch up.
    void clear() {
        clearBatches();
        leftUpTo = NOTHING;
    }

    private void clearBatches() {
        batches.clear();
        room.taken -= bytes;
        bytes = 0;
    }

    /// Forgets what is of earlier lives of the log.
    void forgetBefore(long epoch) {
        leftUpTo = NOTHING;
        while (!batches.isEmpty() && batches.getFirst().epoch() < epoch) {
            removeFirst();
        }
    }

    private void removeFirst() {
        long fewer = sizeBytes(batches.removeFirst());
        bytes -= fewer;
        room.taken -= fewer;
    }

    /// Forgets what lies before the offset.
    ///
    /// @return the first offset that is pending, or -1 if none is
    long skipTo(long position) {
        while (!batches.isEmpty() && batches.getFirst().nextOffset() <= position) {
            removeFirst();
        }
        if (leftUpTo <= position) {
            leftUpTo = NOTHING;
        }
        return batches.isEmpty() ? -1 : Math.max(position, batches.getFirst().firstOffset());
    }

    /// The next messages that are due, at most 64 KiB of them (but at least one).
    ///
    /// @param position the offset of the first one
    /// @return null if nothing is pending
    @Nullable
    List<Message> take(long position) {
        if (batches.isEmpty()) {
            return null;
        }
        if (batches.size() == 1 && bytes <= MAX_RUN_BYTES) {
            // The usual case takes no copy.
            List<Message> only = batches.getFirst().messages();
            if (only.getFirst().offset() == position) {
                clearBatches();
                return only;
            }
        }
        List<Message> joined = new ArrayList<>();
        long next = position;
        int size = 0;
        for (int b = 0; b < batches.size(); b++) {
            Batch batch = batches.get(b);
            if (batch.firstOffset() > next) {
                return joined;
            }
            List<Message> messages = batch.messages();
            for (int m = (int) (next - batch.firstOffset()); m < messages.size(); m++) {
                Message message = messages.get(m);
                size += message.sizeBytes();
                if (size > MAX_RUN_BYTES && !joined.isEmpty()) {
                    return joined;
                }
                joined.add(message);
                next++;
            }
        }
        clearBatches();
        return joined;
    }

    private static long sizeBytes(Batch batch) {
        List<Message> messages = batch.messages();
        long bytes = 0;
        for (int i = 0; i < messages.size(); i++) {
            bytes += messages.get(i).sizeBytes();
        }
        return bytes;
    }
}
