package io.topicstream.rocksdb;

import io.topicstream.state.StateLimits;
import java.nio.ByteBuffer;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// One group of changes in the making, used again for each group.
///
/// Rows are written into direct buffers and go to RocksDB with one call each, without an object or an array
/// made for them. Owned by the writer.
final class CommitBatch implements AutoCloseable {
    private static final int KEEP_VALUE_BYTES = 1 << 20;

    private final WriteBatch batch;
    private final NativeHandles handles;
    private final ByteBuffer key = ByteBuffer.allocateDirect(2 * StateLimits.NAME_BYTES + 1);
    private ByteBuffer value = ByteBuffer.allocateDirect(16 * 1024);
    private int changes;

    CommitBatch(NativeHandles handles) {
        this.handles = handles;
        this.batch = handles.opened(new WriteBatch());
    }

    WriteBatch rows() {
        return batch;
    }

    int changes() {
        return changes;
    }

    void clear() {
        batch.clear();
        changes = 0;
        if (value.capacity() > KEEP_VALUE_BYTES) {
            value = ByteBuffer.allocateDirect(KEEP_VALUE_BYTES);
        }
    }

    /// The buffer into which the next row's key is written.
    ByteBuffer key() {
        return key.clear();
    }

    /// The buffer into which the next row's value is written.
    ByteBuffer value(int maxBytes) {
        if (value.capacity() < maxBytes) {
            value = ByteBuffer.allocateDirect(Math.max(maxBytes, Math.min(KEEP_VALUE_BYTES, 2 * value.capacity())));
        }
        return value.clear();
    }

    /// Adds the row that was written into the two buffers.
    void put(ColumnFamilyHandle family) throws RocksDBException {
        batch.put(family, key.flip(), value.flip());
        changes++;
    }

    /// Deletes the row whose key was written.
    void delete(ColumnFamilyHandle family) throws RocksDBException {
        batch.delete(family, key.flip());
        changes++;
    }

    /// Deletes all rows from `from` up to but not including `to`.
    void deleteRange(ColumnFamilyHandle family, byte[] from, byte[] to) throws RocksDBException {
        batch.deleteRange(family, from, to);
        changes++;
    }

    @Override
    public void close() {
        handles.close(batch);
    }
}
