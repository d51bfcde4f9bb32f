package io.topicstream.rocksdb;

import io.topicstream.log.Message;
import io.topicstream.migration.CopiedBatch;
import io.topicstream.migration.KnownId;
import io.topicstream.row.BadRowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// The batches of a topic, with the ids of their messages. For one thread.
final class ExportedBatches implements AutoCloseable {
    private final Cursor batches;
    private final ExportedIds ids;
    private final long end;
    private final BatchRow.Reader reader = new BatchRow.Reader();
    private long expected;
    private boolean isBegun;

    /// @param from the offset of the first message
    /// @param end the offset after the last one
    ExportedBatches(StoreRows rows, long topicId, long from, long end, long forgottenMs) {
        this.batches = rows.cursor("log", BatchRow.key(topicId, from), BatchRow.key(topicId + 1, 0));
        this.ids = new ExportedIds(rows, topicId, from, forgottenMs);
        this.expected = from;
        this.end = end;
    }

    @Nullable
    CopiedBatch next() throws RocksDBException {
        if (expected >= end) {
            return null;
        }
        boolean isAtRow = isBegun ? batches.next() : batches.first();
        isBegun = true;
        if (!isAtRow) {
            throw missing(end);
        }
        reader.begin(batches.keyLong(8), ByteBuffer.wrap(batches.value()));
        if (reader.firstOffset() > expected) {
            throw missing(reader.firstOffset());
        }
        List<Message> messages = new ArrayList<>(reader.count());
        while (reader.hasNext()) {
            Message message = reader.next();
            if (message.offset() >= expected) {
                messages.add(message);
            }
        }
        expected = reader.lastOffset() + 1;
        return new CopiedBatch(reader.epoch(), messages, idsOf(messages));
    }

    /// What a message does not say any more is forgotten.
    private List<KnownId> idsOf(List<Message> messages) throws RocksDBException {
        long first = messages.getFirst().offset();
        return ids.before(expected).stream()
                .filter(id -> id.messageId()
                        .equals(messages.get(Math.toIntExact(id.offset() - first))
                                .messageId()))
                .toList();
    }

    private BadRowException missing(long to) {
        return new BadRowException("messages " + expected + " to " + (to - 1) + " are missing");
    }

    @Override
    public void close() {
        batches.close();
    }
}
