package io.topicstream.rocksdb;

import io.topicstream.log.Retention;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import org.rocksdb.RocksDBException;

/// What a look at a topic found: which of its batches have ended, and when to look again.
///
/// Only durable batches are looked at, from the front, and a bounded number of them: their heads are read, not their
/// messages.
///
/// @param first the first offset that is kept
/// @param lastEpoch in which the message before it was written; 0 where nothing ends
/// @param ended the last offsets of the batches that are to be deleted
/// @param references keys of rows that say what is about messages that have ended; they are to be deleted too
/// @param byAge how many messages ended so; likewise the next two
/// @param endedBytes what the deleted rows take, about
/// @param isMore whether there may be more to end at once
/// @param askAtNext look again when the next offset is above it
/// @param askAtBytes look again when the topic's sum of bytes is above it
/// @param oldestMs the timestamp of the first batch that is kept; [#NOTHING] where none is
@SuppressWarnings("ArrayRecordComponent") // compared by nobody
record RetentionCut(
        long first,
        long lastEpoch,
        long[] ended,
        List<byte[]> references,
        long byAge,
        long byCount,
        long byBytes,
        long endedBytes,
        boolean isMore,
        long askAtNext,
        long askAtBytes,
        long oldestMs) {
    static final long NOTHING = Long.MIN_VALUE;

    /// So many batches at once, so that no publish waits for long behind their deletes.
    static final int BATCHES_AT_ONCE = 256;

    private static final int REFERENCES_AT_ONCE = 1024;

    /// Where the topic stands, and by what it is judged.
    ///
    /// @param from where to begin: at the first offset that is kept, or at 0 for what a trim has left
    record Look(long topicId, long from, long first, long next, Retention keep, long nowMs) {}

    static RetentionCut of(Life life, Look look) throws RocksDBException {
        return new Making(look).of(life);
    }

    private static final class Making {
        private final Look look;
        private final Retention keep;
        private final BatchRow.Reader batch = new BatchRow.Reader();
        private final ByteBuffer head = ByteBuffer.allocate(BatchRow.HEAD_BYTES);
        private long first;
        private long epoch;
        private long[] ended = new long[BATCHES_AT_ONCE];
        private int count;
        private long byAge;
        private long byCount;
        private long byBytes;
        private long endedBytes;

        Making(Look look) {
            this.look = look;
            this.keep = look.keep();
            this.first = look.first();
        }

        RetentionCut of(Life life) throws RocksDBException {
            long id = look.topicId();
            try (Cursor batches =
                    life.store.cursor("log", BatchRow.key(id, look.from()), BatchRow.key(id, look.next()))) {
                long total = 0;
                if (keep.bytes() != Retention.UNLIMITED && batches.last()) {
                    read(batches);
                    total = batch.bytes();
                }
                boolean at = batches.first();
                while (at && count < BATCHES_AT_ONCE) {
                    int bytes = read(batches);
                    if (!ends(total)) {
                        break;
                    }
                    ended[count++] = batch.lastOffset();
                    endedBytes += bytes;
                    at = batches.next();
                }
                if (at) {
                    read(batches);
                }
                return cut(at, total, references(life));
            }
        }

        private int read(Cursor batches) {
            head.clear();
            int bytes = batches.value(head);
            batch.begin(batches.keyLong(8), head.flip());
            return bytes;
        }

        /// Whether the batch goes; counts its messages where it does.
        private boolean ends(long total) {
            long last = batch.lastOffset();
            if (last < look.first()) {
                // A trim has left it.
                return true;
            }
            long messages = last - Math.max(batch.firstOffset(), look.first()) + 1;
            if (keep.hasAge() && keep.endMs(batch.firstTimestamp()) <= look.nowMs()) {
                byAge += messages;
            } else if (look.next() - 1 - last >= keep.messages()) {
                byCount += messages;
            } else if (keep.bytes() != Retention.UNLIMITED && total - batch.bytes() >= keep.bytes()) {
                byBytes += messages;
            } else {
                return false;
            }
            first = last + 1;
            epoch = batch.epoch();
            return true;
        }

        private List<byte[]> references(Life life) throws RocksDBException {
            return LogReader.trimmedReferences(life, look.topicId(), first, REFERENCES_AT_ONCE);
        }

        private RetentionCut cut(boolean isLeft, long total, List<byte[]> references) {
            // A batch goes when what stands behind it is as much as is kept.
            long askAtNext = Retention.plus(isLeft ? batch.lastOffset() : first, keep.messages());
            long askAtBytes = Retention.plus(isLeft ? batch.bytes() : total, keep.bytes()) - 1;
            return new RetentionCut(
                    first,
                    epoch,
                    Arrays.copyOf(ended, count),
                    references,
                    byAge,
                    byCount,
                    byBytes,
                    endedBytes,
                    (count == BATCHES_AT_ONCE && isLeft) || references.size() == REFERENCES_AT_ONCE,
                    askAtNext,
                    keep.bytes() == Retention.UNLIMITED ? Retention.UNLIMITED : askAtBytes,
                    isLeft ? batch.firstTimestamp() : NOTHING);
        }
    }
}
