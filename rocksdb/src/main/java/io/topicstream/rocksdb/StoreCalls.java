package io.topicstream.rocksdb;

import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// The calls by which the engine changes the disk, and asks for room on it, apart so that a test can make them fail or
/// slow.
interface StoreCalls {
    /// What a server runs with.
    StoreCalls DIRECT = new StoreCalls() {
        @Override
        public void write(Store store, WriteBatch rows) throws RocksDBException {
            store.write(rows);
        }

        @Override
        public void sync(Store store) throws RocksDBException {
            store.sync();
        }
    };

    /// Writes one group. Called by the writer.
    void write(Store store, WriteBatch rows) throws RocksDBException;

    /// Syncs everything that was written before. Called in a round of [LogSync].
    void sync(Store store) throws RocksDBException;

    /// Whether the disk has the room that an open after a failure takes. Called by the writer between two lives.
    default boolean hasRoomToReopen(Store store) {
        return store.hasRoomToReopen();
    }
}
