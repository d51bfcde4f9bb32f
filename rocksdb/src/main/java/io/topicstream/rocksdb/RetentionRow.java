package io.topicstream.rocksdb;

import io.topicstream.row.BadRowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// A row of the family `meta`: what retention knows of the whole store.
///
/// ```
/// key    0 8 | 2 1
/// value  format version 1 (1) | made with retention 1 (0 or 1) | rules 8
/// ```
///
/// The key stands before those of [TopicRow], whose readers do not see it. A store that has no such row was made
/// before there was retention.
///
/// @param isMadeWith whether the store was made with retention: then messages end by `Retention.DEFAULT` where nothing
///     is configured; else everything is kept there
/// @param rules the fingerprint of the rules by which all topics were looked at last; 0 where they never were
record RetentionRow(boolean isMadeWith, long rules) {
    static final int VALUE_BYTES = 10;
    private static final byte VERSION = 1;

    static byte[] key() {
        return ByteBuffer.allocate(TopicRow.KEY_BYTES + 1)
                .putLong(0)
                .put((byte) 2)
                .array();
    }

    void putValue(ByteBuffer to) {
        to.put(VERSION).put((byte) (isMadeWith ? 1 : 0)).putLong(rules);
    }

    byte[] value() {
        byte[] value = new byte[VALUE_BYTES];
        putValue(ByteBuffer.wrap(value));
        return value;
    }

    /// What is known of a store that is opened; where it is new, that there is nothing to look at.
    ///
    /// @param stored null where there is no row
    static RetentionRow of(boolean isNew, byte @Nullable [] stored, RocksOptions options) {
        if (isNew) {
            return new RetentionRow(
                    true, Retentions.of(options.retention(), true).fingerprint());
        }
        return stored == null ? new RetentionRow(false, 0) : of(stored);
    }

    static RetentionRow of(byte[] row) {
        ByteBuffer value = ByteBuffer.wrap(row);
        try {
            byte version = value.get();
            if (version != VERSION) {
                throw new BadRowException("its row of retention has the format version " + version
                        + ", which this version does not know");
            }
            byte made = value.get();
            RetentionRow known = new RetentionRow(made == 1, value.getLong());
            if ((made != 0 && made != 1) || value.hasRemaining()) {
                throw new BadRowException("its row of retention is damaged");
            }
            return known;
        } catch (BufferUnderflowException e) {
            throw new BadRowException("its row of retention ends too early", e);
        }
    }
}
