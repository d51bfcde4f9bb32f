package io.topicstream.rocksdb;

import io.topicstream.log.About;
import io.topicstream.log.Draft;
import io.topicstream.log.RepeatRule;
import io.topicstream.row.BadRowException;
import io.topicstream.row.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.rocksdb.RocksDBException;

/// A row of the family `dedup`: a message id that was given, and the message that has it.
///
/// ```
/// key    period 4 | topic id 8 | hash of scope and id 8 | offset 8
/// value  format version 1 (1) | epoch 8 | timestamp 8 | count 4 | hash of the contents 8 | scope text
///          | message id text
/// ```
///
/// The period is the six hours, counted from 1970, in which the message was written. It comes first so that a whole
/// period that has run out is dropped at once, files and all, without reading a row; a lookup asks each of the few
/// periods that are kept, and only for an id whose hash is known. Two ids of one hash are two rows: the whole id is
/// compared.
///
/// @param offset of the message
/// @param epoch in which it was written
/// @param timestamp of the message, epoch milliseconds; the id is kept for a day from then on
/// @param count of messages that the id stands for: the one that has it, and those behind it in the same append
///     that have none
/// @param contentsHash of their contents: [#hashOf]
/// @param scope in which the id is unique: the user
/// @param messageId the whole id
record DedupRow(long offset, long epoch, long timestamp, int count, long contentsHash, String scope, String messageId)
        implements RepeatRule.Known {
    static final int KEY_BYTES = 28;
    static final int PREFIX_BYTES = 20;
    static final long PERIOD_MS = 6L * 60 * 60 * 1000;
    private static final byte VERSION = 1;

    static int period(long timestampMs) {
        return Math.clamp(timestampMs / PERIOD_MS, 0, Integer.MAX_VALUE - 1);
    }

    /// The periods that have rows in the store, ascending.
    static int[] periods(Store store) throws RocksDBException {
        int[] periods = new int[0];
        try (Cursor rows = store.cursor("dedup", key(0, 0, 0, 0), key(Integer.MAX_VALUE, 0, 0, 0))) {
            boolean at = rows.first();
            while (at) {
                int period = (int) (rows.keyLong(0) >>> 32);
                periods = Arrays.copyOf(periods, periods.length + 1);
                periods[periods.length - 1] = period;
                at = rows.seek(key(period + 1, 0, 0, 0));
            }
        }
        return periods;
    }

    static void putKey(ByteBuffer to, int period, long topicId, long idHash, long offset) {
        to.putInt(period).putLong(topicId).putLong(idHash).putLong(offset);
    }

    static byte[] key(int period, long topicId, long idHash, long offset) {
        byte[] key = new byte[KEY_BYTES];
        putKey(ByteBuffer.wrap(key), period, topicId, idHash, offset);
        return key;
    }

    /// Of what the [RepeatRule] compares of some drafts; [Hash64]. Of JSON that is the payload alone: so it was
    /// stored when there was nothing else.
    static long hashOf(List<Draft> drafts, int from, int count) {
        long hash = 0;
        for (int i = from; i < from + count; i++) {
            Draft draft = drafts.get(i);
            hash = switch (draft.kind()) {
                case JSON -> hash;
                case BYTES ->
                    Hash64.then(
                            ~hash, Objects.requireNonNull(draft.contentType()).getBytes(StandardCharsets.UTF_8));
                case REDACTED -> ~hash;
            };
            About about = draft.about();
            if (about != null) {
                // No content type reads like this.
                String meant = about.as().wireName() + ' ' + about.offset() + ' ' + about.value();
                hash = Hash64.then(~hash, meant.getBytes(StandardCharsets.UTF_8));
            }
            hash = Hash64.then(hash, draft.payload());
        }
        return hash;
    }

    @Override
    public boolean isOf(List<Draft> drafts, int from) {
        return contentsHash == hashOf(drafts, from, count);
    }

    static int maxBytes(String scope, String messageId) {
        return 29 + Bytes.maxTextBytes(scope) + Bytes.maxTextBytes(messageId);
    }

    static void putValue(
            ByteBuffer to, long epoch, long timestamp, int count, long contentsHash, String scope, String messageId) {
        to.put(VERSION).putLong(epoch).putLong(timestamp).putInt(count).putLong(contentsHash);
        Bytes.putText(to, scope);
        Bytes.putText(to, messageId);
    }

    static DedupRow of(byte[] key, byte[] value) {
        ByteBuffer from = ByteBuffer.wrap(value);
        try {
            long offset = ByteBuffer.wrap(key).getLong(PREFIX_BYTES);
            byte version = from.get();
            if (version != VERSION) {
                throw new BadRowException(
                        "a row in dedup has the format version " + version + ", which this version does not know");
            }
            return new DedupRow(
                    offset,
                    from.getLong(),
                    from.getLong(),
                    from.getInt(),
                    from.getLong(),
                    Objects.requireNonNull(Bytes.getText(from), "scope"),
                    Objects.requireNonNull(Bytes.getText(from), "message id"));
        } catch (BufferUnderflowException | IndexOutOfBoundsException | NullPointerException e) {
            throw new BadRowException("a row in dedup is damaged", e);
        }
    }
}
