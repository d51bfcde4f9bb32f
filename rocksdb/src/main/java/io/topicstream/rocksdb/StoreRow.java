package io.topicstream.rocksdb;

import io.topicstream.log.Durability;
import io.topicstream.row.BadRowException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.UUID;

/// The first row of the family `meta`: what is known of the whole store.
///
/// ```
/// key    0 8
/// value  format version 4 | store id 16 | epoch 8 | durability 1 (0 disk, 1 os, 2 memory) | closed 1 | versions 8
/// ```
///
/// The format version stands first and keeps its four bytes for ever, so that every version can refuse every other.
///
/// @param storeId made when the store was
/// @param epoch of the life that is running, or was the last
/// @param durability of that life
/// @param closedCleanly whether that life ended by closing the store
/// @param versions no version of a state record was ever at or above this
record StoreRow(UUID storeId, long epoch, Durability durability, boolean closedCleanly, long versions) {
    static final int FORMAT_VERSION = 1;
    static final int VALUE_BYTES = 38;

    static byte[] key() {
        return new byte[TopicRow.KEY_BYTES];
    }

    byte[] value() {
        return ByteBuffer.allocate(VALUE_BYTES)
                .putInt(FORMAT_VERSION)
                .putLong(storeId.getMostSignificantBits())
                .putLong(storeId.getLeastSignificantBits())
                .putLong(epoch)
                .put(
                        switch (durability) {
                            case DISK -> (byte) 0;
                            case OS -> (byte) 1;
                            case MEMORY -> (byte) 2;
                        })
                .put((byte) (closedCleanly ? 1 : 0))
                .putLong(versions)
                .array();
    }

    static StoreRow of(byte[] row) {
        ByteBuffer value = ByteBuffer.wrap(row);
        try {
            int version = value.getInt();
            if (version != FORMAT_VERSION) {
                throw new BadRowException("it has the format version " + version + "; this version of TopicStream"
                        + " reads and writes format version " + FORMAT_VERSION);
            }
            UUID storeId = new UUID(value.getLong(), value.getLong());
            long epoch = value.getLong();
            byte mode = value.get();
            Durability durability = switch (mode) {
                case 0 -> Durability.DISK;
                case 1 -> Durability.OS;
                case 2 -> Durability.MEMORY;
                default -> throw new BadRowException("its durability is none: " + mode);
            };
            boolean closedCleanly = value.get() == 1;
            long versions = value.getLong();
            if (epoch < 1 || versions < 1 || value.hasRemaining()) {
                throw new BadRowException("its first row is damaged");
            }
            return new StoreRow(storeId, epoch, durability, closedCleanly, versions);
        } catch (BufferUnderflowException e) {
            throw new BadRowException("its first row ends too early", e);
        }
    }
}
