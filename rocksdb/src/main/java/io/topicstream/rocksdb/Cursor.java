package io.topicstream.rocksdb;

import java.nio.ByteBuffer;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;

/// A walk over the rows of one family between two bounds. One is made for each request, and closed before its
/// answer is given.
///
/// An iterator of RocksDB that meets damage just ends; so every method that comes to an end asks for the reason and
/// throws it.
final class Cursor implements AutoCloseable {
    private final NativeHandles handles;
    private final Slice lower;
    private final Slice upper;
    private final ReadOptions options;
    private final RocksIterator rows;

    /// @param from the first key that may be seen
    /// @param to the first key after those that may be seen
    /// @param byPrefix whether each seek stays among the keys that share its key's prefix, so that files
    ///     without one are passed over
    Cursor(NativeHandles handles, RocksDB db, ColumnFamilyHandle family, byte[] from, byte[] to, boolean byPrefix) {
        this.handles = handles;
        lower = handles.opened(new Slice(from));
        upper = handles.opened(new Slice(to));
        options = handles.opened(new ReadOptions());
        options.setIterateLowerBound(lower).setIterateUpperBound(upper).setTotalOrderSeek(!byPrefix);
        rows = handles.opened(db.newIterator(family, options));
    }

    /// Goes to the first row at or after the key; false where there is none.
    boolean seek(byte[] key) throws RocksDBException {
        rows.seek(key);
        return isAtRow();
    }

    /// Goes to the last row at or before the key; false where there is none.
    boolean seekLast(byte[] key) throws RocksDBException {
        rows.seekForPrev(key);
        return isAtRow();
    }

    /// Goes to the first row.
    boolean first() throws RocksDBException {
        rows.seekToFirst();
        return isAtRow();
    }

    /// Goes to the last row.
    boolean last() throws RocksDBException {
        rows.seekToLast();
        return isAtRow();
    }

    boolean next() throws RocksDBException {
        rows.next();
        return isAtRow();
    }

    boolean previous() throws RocksDBException {
        rows.prev();
        return isAtRow();
    }

    byte[] key() {
        return rows.key();
    }

    byte[] value() {
        return rows.value();
    }

    /// Reads as much of the value as there is room for.
    ///
    /// @param to an array's buffer
    /// @return how many bytes the value has
    int value(ByteBuffer to) {
        int bytes = rows.value(to.array(), to.arrayOffset() + to.position(), to.remaining());
        to.position(to.position() + Math.min(bytes, to.remaining()));
        return bytes;
    }

    /// The number that the key holds from the byte on.
    long keyLong(int from) {
        return ByteBuffer.wrap(rows.key()).getLong(from);
    }

    private boolean isAtRow() throws RocksDBException {
        if (rows.isValid()) {
            return true;
        }
        rows.status();
        return false;
    }

    @Override
    public void close() {
        handles.close(rows);
        handles.close(options);
        handles.close(upper);
        handles.close(lower);
    }
}
