package io.topicstream.rocksdb;

import io.topicstream.row.BadRowException;
import io.topicstream.row.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Objects;

/// A row of the family `due`: when a topic is to be looked at, because the oldest of its messages may have ended by
/// its age then; or that a trim has left batches that are to be deleted.
///
/// ```
/// key    time 8 (epoch ms, from 1) | topic id 8
///        0 8 | topic id 8 | first offset 8 (of a trim that has left batches before it)
/// value  format version 1 (1) | name of the topic, text
/// ```
///
/// A topic whose messages end by age has a row as long as it has messages: it is written with the first of them, not
/// with each, and moved when its time has come. So an append to a topic that has messages pays nothing, a sweep
/// finds what is old in front, and nobody walks over topics that are idle. There may be a second row, earlier
/// than need be; it does no harm.
///
/// The name stands in it since what is kept of a topic depends on its name.
///
/// @param atMs the time; 0 for what a trim has left
/// @param before where a trim has left something: the first offset that is kept; else 0
record DueRow(long atMs, long topicId, long before, String name) {
    static final int KEY_BYTES = 16;
    static final int LEFT_KEY_BYTES = 24;
    private static final byte VERSION = 1;

    private static final long SECOND_MS = 1000;
    private static final long MINUTE_MS = 60 * SECOND_MS;
    private static final long HOUR_MS = 60 * MINUTE_MS;

    static void putKey(ByteBuffer to, long atMs, long topicId) {
        to.putLong(atMs).putLong(topicId);
    }

    static byte[] key(long atMs, long topicId) {
        byte[] key = new byte[KEY_BYTES];
        putKey(ByteBuffer.wrap(key), atMs, topicId);
        return key;
    }

    /// The key of what a trim has left.
    static void putLeftKey(ByteBuffer to, long topicId, long before) {
        to.putLong(0).putLong(topicId).putLong(before);
    }

    static byte[] leftKey(long topicId, long before) {
        byte[] key = new byte[LEFT_KEY_BYTES];
        putLeftKey(ByteBuffer.wrap(key), topicId, before);
        return key;
    }

    static int maxBytes(String name) {
        return 1 + Bytes.maxTextBytes(name);
    }

    static void putValue(ByteBuffer to, String name) {
        to.put(VERSION);
        Bytes.putText(to, name);
    }

    static DueRow of(byte[] key, byte[] value) {
        ByteBuffer from = ByteBuffer.wrap(value);
        ByteBuffer at = ByteBuffer.wrap(key);
        try {
            byte version = from.get();
            if (version != VERSION) {
                throw new BadRowException(
                        "a row in due has the format version " + version + ", which this version does not know");
            }
            long atMs = at.getLong();
            long topicId = at.getLong();
            long before = atMs == 0 ? at.getLong() : 0;
            DueRow row = new DueRow(atMs, topicId, before, Objects.requireNonNull(Bytes.getText(from), "name"));
            if (atMs < 0 || topicId < 1 || before < 0 || at.hasRemaining() || from.hasRemaining()) {
                throw new BadRowException("a row in due cannot be: " + row);
            }
            return row;
        } catch (BufferUnderflowException | IndexOutOfBoundsException | NullPointerException e) {
            throw new BadRowException("a row in due is damaged", e);
        }
    }

    /// When a topic is looked at whose oldest message ends at a time: not before it, and later by at most a
    /// twenty-fourth of the age, an hour, or a second; so that many topics are looked at in one go.
    ///
    /// @param endMs when the message ends
    /// @param ageMs how old messages may be
    static long lookMs(long endMs, long ageMs) {
        long step = ageMs >= 24 * HOUR_MS ? HOUR_MS : ageMs >= 24 * MINUTE_MS ? MINUTE_MS : SECOND_MS;
        long end = Math.clamp(endMs, 1, Long.MAX_VALUE - HOUR_MS);
        return (end + step - 1) / step * step;
    }
}
