package io.topicstream.rocksdb;

import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// The rows of a store, for those who only read them: [Store], [ReadOnlyStore].
interface StoreRows {
    /// A walk over the rows of a family from one key up to but not including another one.
    Cursor cursor(String family, byte[] from, byte[] to);

    /// The value of a row, or null.
    byte @Nullable [] get(String family, byte[] key) throws RocksDBException;
}
