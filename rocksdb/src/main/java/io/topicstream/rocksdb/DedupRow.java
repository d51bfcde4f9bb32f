package io.topicstream.rocksdb;

import io.topicstream.log.ContentHash;
import io.topicstream.log.Draft;
import io.topicstream.log.RepeatRule;
import io.topicstream.migration.KnownId;
import io.topicstream.row.BadRowException;
import io.topicstream.row.Bytes;
import io.topicstream.row.ContentHash64;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// A row of the family `dedup`: a message id that was given, and the message that has it.
///
/// ```
/// key    period 4 | topic id 8 | hash of scope and id 8 | offset 8
/// value  format version 1 (1) | epoch 8 | timestamp 8 | count 4 | hash of the contents 8 | scope text
///          | message id text
///        or format version 1 (2) | epoch 8 | timestamp 8 | count 4 | hash of the contents 16 | scope text
///          | message id text, of an id that came out of another engine
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
/// @param contentsHash of their contents: [ContentHash64]; 0 where there is the other one
/// @param longHash in its place, where the id came out of another engine: [ContentHash], in hexadecimal digits; else
///     null
/// @param scope in which the id is unique: the user
/// @param messageId the whole id
record DedupRow(
        long offset,
        long epoch,
        long timestamp,
        int count,
        long contentsHash,
        @Nullable String longHash,
        String scope,
        String messageId)
        implements RepeatRule.Known {
    static final int KEY_BYTES = 28;
    static final int PREFIX_BYTES = 20;
    static final long PERIOD_MS = 6L * 60 * 60 * 1000;
    private static final byte VERSION = 1;
    private static final byte LONG_VERSION = 2;
    private static final int LONG_HASH_BYTES = 16;

    static int period(long timestampMs) {
        return Math.clamp(timestampMs / PERIOD_MS, 0, Integer.MAX_VALUE - 1);
    }

    /// The periods that have rows in the store, ascending.
    static int[] periods(StoreRows store) throws RocksDBException {
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

    @Override
    public boolean isOf(List<Draft> drafts, int from) {
        return longHash == null
                ? contentsHash == ContentHash64.of(drafts, from, count)
                : longHash.equals(HexFormat.of().formatHex(ContentHash.of(drafts, from, count)));
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

    /// Writes what came out of another engine.
    static byte[] value(KnownId id) {
        ByteBuffer to = ByteBuffer.allocate(maxBytes(id.scope(), id.messageId()) + LONG_HASH_BYTES);
        boolean isLong = id.contents().length() == KnownId.LONG_DIGITS;
        to.put(isLong ? LONG_VERSION : VERSION)
                .putLong(id.epoch())
                .putLong(id.timestamp())
                .putInt(id.count())
                .put(HexFormat.of().parseHex(id.contents()));
        Bytes.putText(to, id.scope());
        Bytes.putText(to, id.messageId());
        return Arrays.copyOf(to.array(), to.position());
    }

    /// The same for another engine.
    KnownId known() {
        String contents = longHash == null ? HexFormat.of().toHexDigits(contentsHash) : longHash;
        return new KnownId(offset, epoch, timestamp, count, contents, scope, messageId);
    }

    static DedupRow of(byte[] key, byte[] value) {
        ByteBuffer from = ByteBuffer.wrap(value);
        try {
            long offset = ByteBuffer.wrap(key).getLong(PREFIX_BYTES);
            byte version = from.get();
            if (version != VERSION && version != LONG_VERSION) {
                throw new BadRowException(
                        "a row in dedup has the format version " + version + ", which this version does not know");
            }
            boolean isLong = version == LONG_VERSION;
            return new DedupRow(
                    offset,
                    from.getLong(),
                    from.getLong(),
                    from.getInt(),
                    isLong ? 0 : from.getLong(),
                    isLong ? HexFormat.of().formatHex(Bytes.getBytes(from, LONG_HASH_BYTES)) : null,
                    Objects.requireNonNull(Bytes.getText(from), "scope"),
                    Objects.requireNonNull(Bytes.getText(from), "message id"));
        } catch (BufferUnderflowException | IndexOutOfBoundsException | NullPointerException e) {
            throw new BadRowException("a row in dedup is damaged", e);
        }
    }
}
