package io.topicstream.rocksdb;

import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// The two calls by which the engine changes the disk, apart so that a test can make them fail or slow.
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
}
