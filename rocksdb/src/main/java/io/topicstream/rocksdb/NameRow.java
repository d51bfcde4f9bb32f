package io.topicstream.rocksdb;

import io.topicstream.row.BadRowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A row of the family `names`: which topic has a name.
///
/// ```
/// key    the name, ASCII
/// value  topic id 8 (from 1, never used again)
/// ```
final class NameRow {
    static final int VALUE_BYTES = 8;

    private NameRow() {}

    static byte[] key(String name) {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    static String name(byte[] key) {
        return new String(key, StandardCharsets.US_ASCII);
    }

    static void putValue(ByteBuffer to, long topicId) {
        to.putLong(topicId);
    }

    static long topicId(byte[] value) {
        if (value.length != VALUE_BYTES) {
            throw new BadRowException("its row in names has " + value.length + " bytes");
        }
        long id = ByteBuffer.wrap(value).getLong();
        if (id < 1) {
            throw new BadRowException("its topic id is none: " + id);
        }
        return id;
    }
}
