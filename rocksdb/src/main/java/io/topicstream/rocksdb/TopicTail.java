package io.topicstream.rocksdb;

import io.topicstream.row.BadRowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// What the store says of a topic: which it is, and from where to where it goes.
///
/// @param id 0 where the topic was never written to
/// @param firstOffset the first offset that is kept
/// @param nextOffset the offset after the last message that is written, synced or not
/// @param timestamp of the last message
/// @param bytes the sum that its last row counts ([BatchRow]); 0 where that one counts none
/// @param trimmedEpoch in which the message before `firstOffset` was written; 0 where none was trimmed
record TopicTail(long id, long firstOffset, long nextOffset, long timestamp, long bytes, long trimmedEpoch) {
    static final TopicTail NONE = new TopicTail(0, 1, 1, 0, 0, 0);

    static TopicTail read(StoreRows store, String name) throws RocksDBException {
        byte[] named = store.get("names", NameRow.key(name));
        if (named == null) {
            return NONE;
        }
        return read(store, NameRow.topicId(named));
    }

    static TopicTail read(StoreRows store, long id) throws RocksDBException {
        TopicRow row = row(store, id);
        try (Cursor batches = store.cursor("log", BatchRow.key(id, 0), BatchRow.key(id + 1, 0))) {
            if (!batches.last()) {
                // If a trim took the last of them since the row was read, there is another row now.
                row = row(store, id);
                if (row == null) {
                    throw new BadRowException("it has a name and no messages");
                }
                return new TopicTail(id, row.firstOffset(), row.nextOffset(), row.timestamp(), 0, row.epoch());
            }
            long last = batches.keyLong(8);
            BatchRow.Reader batch = new BatchRow.Reader();
            batch.begin(last, ByteBuffer.wrap(batches.value()));
            while (batch.hasNext()) {
                batch.skip();
            }
            if (row == null) {
                return new TopicTail(id, 1, last + 1, batch.timestamp(), batch.bytes(), 0);
            }
            return new TopicTail(
                    id,
                    row.firstOffset(),
                    Math.max(row.nextOffset(), last + 1),
                    Math.max(row.timestamp(), batch.timestamp()),
                    batch.bytes(),
                    row.epoch());
        }
    }

    private static @Nullable TopicRow row(StoreRows store, long id) throws RocksDBException {
        byte[] trimmed = store.get("meta", TopicRow.key(id));
        return trimmed == null ? null : TopicRow.of(ByteBuffer.wrap(trimmed));
    }
}
