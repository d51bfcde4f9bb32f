package io.topicstream.rocksdb;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.RocksDBException;

/// The messages that a command takes back, for a reader that finds the rows which have them. Made by the writer.
///
/// @param offsets of those that are left, rising
record Redacting(Command.Redact command, List<Long> offsets) {
    /// How many bytes of rows are read at once; one row is, whatever it has.
    private static final int MOST_BYTES = 4 << 20;

    /// A row as it was read. While its topic waits for the answer nobody writes it.
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    record Row(long lastOffset, byte[] value) {}

    static Redacting by(Command.Redact command) {
        return new Redacting(command, List.copyOf(command.left));
    }

    /// The rows of as many of the messages as there is room for, and as are written. Runs on a reader.
    List<Row> read(Store store, long topicId) throws RocksDBException {
        List<Row> rows = new ArrayList<>();
        long bytes = 0;
        try (Cursor batches = store.cursor("log", BatchRow.key(topicId, 0), BatchRow.key(topicId + 1, 0))) {
            for (long offset : offsets) {
                if (!rows.isEmpty() && rows.getLast().lastOffset() >= offset) {
                    continue;
                }
                if (offset < 1 || !batches.seek(BatchRow.key(topicId, offset))) {
                    continue;
                }
                Row row = new Row(batches.keyLong(8), batches.value());
                bytes += row.value().length;
                if (!rows.isEmpty() && bytes > MOST_BYTES) {
                    break;
                }
                rows.add(row);
            }
        }
        return rows;
    }

    /// Begins with a row.
    static BatchRow.Reader begin(Row row) {
        BatchRow.Reader batch = new BatchRow.Reader();
        batch.begin(row.lastOffset(), ByteBuffer.wrap(row.value()));
        return batch;
    }
}
