package io.topicstream.rocksdb;

import io.topicstream.row.BadRowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;

/// A row of the family `meta`: where a topic begins since it was trimmed. A topic that never was has none: it
/// begins at 1, and its tail is that of its last batch, so that an append writes one row and not two.
///
/// ```
/// key    topic id 8 (never 0)
/// value  format version 1 (1) | first offset 8 | next offset 8 | timestamp 8 | epoch 8
/// ```
///
/// @param firstOffset the first offset that is kept
/// @param nextOffset the next offset at the time of the trim, so that offsets go on where nothing is kept
/// @param timestamp of the last message at the time of the trim
/// @param epoch in which the message before `firstOffset` was written
record TopicRow(long firstOffset, long nextOffset, long timestamp, long epoch) {
    static final int KEY_BYTES = 8;
    static final int VALUE_BYTES = 33;
    private static final byte VERSION = 1;

    static byte[] key(long topicId) {
        return ByteBuffer.allocate(KEY_BYTES).putLong(topicId).array();
    }

    void putValue(ByteBuffer to) {
        to.put(VERSION)
                .putLong(firstOffset)
                .putLong(nextOffset)
                .putLong(timestamp)
                .putLong(epoch);
    }

    static TopicRow of(ByteBuffer value) {
        try {
            byte version = value.get();
            if (version != VERSION) {
                throw new BadRowException(
                        "its row in meta has the format version " + version + ", which this version does not know");
            }
            TopicRow row = new TopicRow(value.getLong(), value.getLong(), value.getLong(), value.getLong());
            if (row.firstOffset < 1 || row.nextOffset < row.firstOffset || value.hasRemaining()) {
                throw new BadRowException("its row in meta is none: " + row);
            }
            return row;
        } catch (BufferUnderflowException e) {
            throw new BadRowException("its row in meta ends too early", e);
        }
    }
}
