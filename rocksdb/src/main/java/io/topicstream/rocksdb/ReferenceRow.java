package io.topicstream.rocksdb;

import io.topicstream.log.About;
import io.topicstream.log.Reference;
import io.topicstream.row.BadRowException;
import java.nio.ByteBuffer;

/// A row of the family `meta`: that one message of a topic is about another one of it, so that a reader of
/// the other finds it. Written with the batch that has the message, and deleted after a trim that takes
/// what it is about.
///
/// ```
/// key    0 8 | 3 1 | topic id 8 | offset that is meant 8 | group 1 | offset of the message about it 8
/// value  format version 1 (1)
/// ```
///
/// The group is 1 for edits, 2 for replies, 3 for reactions and what takes one back: [Reference.Group].
///
/// The key stands before those of [TopicRow], whose readers do not see it. So a version that does not know
/// such rows leaves them alone. It knows no messages that are about others either, and writes none; what
/// its trims leave over is deleted by the next life of one that does.
final class ReferenceRow {
    static final int KEY_BYTES = 34;
    static final int VALUE_BYTES = 1;
    private static final byte KIND = 3;
    private static final byte VERSION = 1;
    private static final int TOPIC_AT = 9;
    private static final int TARGET_AT = 17;
    private static final int GROUP_AT = 25;
    private static final int OFFSET_AT = 26;

    private ReferenceRow() {}

    static byte groupOf(About.As as) {
        return (byte) Reference.Group.of(as).number();
    }

    /// A key, or where the first group begins with 0 a bound of keys.
    static byte[] key(long topicId, long target, int group, long offset) {
        ByteBuffer key = ByteBuffer.allocate(KEY_BYTES);
        putKey(key, topicId, target, (byte) group, offset);
        return key.array();
    }

    static void putKey(ByteBuffer to, long topicId, long target, byte group, long offset) {
        to.putLong(0).put(KIND).putLong(topicId).putLong(target).put(group).putLong(offset);
    }

    static void putValue(ByteBuffer to) {
        to.put(VERSION);
    }

    static long target(Cursor rows) {
        return rows.keyLong(TARGET_AT);
    }

    static byte group(Cursor rows) {
        return rows.key()[GROUP_AT];
    }

    static long offset(Cursor rows) {
        return rows.keyLong(OFFSET_AT);
    }

    /// Refuses a row that is none.
    static void check(byte[] key, byte[] value) {
        if (key.length != KEY_BYTES || value.length != VALUE_BYTES || value[0] != VERSION) {
            throw new BadRowException("a row of references is none, or of a version that this one does not know");
        }
        ByteBuffer from = ByteBuffer.wrap(key);
        long target = from.getLong(TARGET_AT);
        if (from.getLong(TOPIC_AT) < 1 || target < 1 || from.getLong(OFFSET_AT) <= target) {
            throw new BadRowException("a row of references is none: " + from.getLong(OFFSET_AT) + " about " + target);
        }
    }

    /// The first key that none of these rows has any more.
    static byte[] end() {
        return ByteBuffer.allocate(TOPIC_AT).putLong(0).put((byte) (KIND + 1)).array();
    }
}
