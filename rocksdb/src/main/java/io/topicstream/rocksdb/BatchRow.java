package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A row of the family `log`: the messages that one commit added to one topic.
///
/// ```
/// key    topic id 8 | offset of the last message 8
/// value  format version 1 (2) | flags 1 (1: written anew) | epoch 8 | count 4 | bytes 8 | count × message
/// message  timestamp 8 | members varint | what it has of these, in this order:
///            kind 1 (1: bytes, 2: redacted; without it JSON) | content type text (of bytes)
///            | from text | message id text | key text | withheld from text | origin text
///            | headers: count varint, count × (name text, value text); names with _ in front are the server's
///          | payload varint + bytes
/// ```
///
/// All numbers are big-endian; varint and text as in [Bytes]. The last offset is the key, so that one seek to
/// (topic, n) finds the batch that holds n. The first offset is last − count + 1.
///
/// `members` has a bit for each member that is there: 1 from, 2 message id, 4 key, 8 withheld from, 16 headers,
/// 32 origin, 64 kind. So a message pays a byte for all that it does not have, and later members find a place.
///
/// `bytes` is the sum of the lengths of this value and of those before it in the topic: from two rows one knows
/// how much stands between them, and nobody walks. It counts from the first row of this version; where all rows
/// were deleted it begins anew.
///
/// Version 0.1.0 wrote format version 1, which is read for ever and written no more:
///
/// ```
/// value  format version 1 (1) | flags 1 (0) | epoch 8 | count 4 | count × message
/// message  timestamp 8 | kind 1 (0: JSON) | from text | withheld from text | message id text | key text
///          | headers varint (0) | payload varint + bytes
/// ```
///
/// Where a message is taken back, its row is written anew, in version 2 and with the flag 1. `bytes` stays as
/// it was: it counts what was written at first, which is no less than what is there. Of a row that had
/// version 1 it is 0, and says that nothing is counted.
///
/// A version, flag, member, kind or header that this class does not know is refused by name.
final class BatchRow {
    static final int KEY_BYTES = 16;
    static final byte VERSION = 2;
    private static final byte FIRST_VERSION = 1;

    private static final byte ANEW = 1;

    private static final byte KIND_JSON = 0;
    private static final byte KIND_BYTES = 1;
    private static final byte KIND_REDACTED = 2;

    private static final int FROM = 1;
    private static final int MESSAGE_ID = 2;
    private static final int KEY = 4;
    private static final int WITHHELD_FROM = 8;
    private static final int HEADERS = 16;
    private static final int ORIGIN = 32;
    private static final int KIND = 64;
    private static final int TEXTS = FROM | MESSAGE_ID | KEY | WITHHELD_FROM | ORIGIN;
    private static final int MEMBERS = TEXTS | HEADERS | KIND;

    private static final int FIRST_HEADER_BYTES = 14;
    private static final int HEADER_BYTES = 22;

    /// So much of a value shows what is said of the whole batch, its timestamp too.
    static final int HEAD_BYTES = HEADER_BYTES + Long.BYTES;

    /// Timestamp, members, kind and the lengths of headers and payload, at most.
    private static final int MESSAGE_BYTES = 20;

    private BatchRow() {}

    static void putKey(ByteBuffer to, long topicId, long lastOffset) {
        to.putLong(topicId).putLong(lastOffset);
    }

    static byte[] key(long topicId, long lastOffset) {
        byte[] key = new byte[KEY_BYTES];
        putKey(ByteBuffer.wrap(key), topicId, lastOffset);
        return key;
    }

    /// No fewer bytes than the value will take.
    static int maxBytes(List<Append> appends) {
        long bytes = HEADER_BYTES;
        for (int i = 0; i < appends.size(); i++) {
            Append append = appends.get(i);
            int fromBytes = Bytes.maxTextBytes(append.from());
            List<Draft> drafts = append.drafts();
            for (int k = 0; k < drafts.size(); k++) {
                Draft draft = drafts.get(k);
                Details details = draft.details();
                bytes += (long) MESSAGE_BYTES
                        + fromBytes
                        + Bytes.maxTextBytes(draft.messageId())
                        + (details == null ? 0 : maxBytes(details))
                        + draft.payload().length;
            }
        }
        return Math.toIntExact(bytes);
    }

    private static int maxBytes(Details details) {
        int bytes = Bytes.maxTextBytes(details.contentType())
                + Bytes.maxTextBytes(details.key())
                + Bytes.maxTextBytes(details.withheldFrom())
                + Bytes.maxTextBytes(details.origin());
        Headers headers = details.headers();
        for (int i = 0; i < headers.count(); i++) {
            bytes += Bytes.maxTextBytes(headers.name(i)) + Bytes.maxTextBytes(headers.value(i));
        }
        return bytes;
    }

    /// Writes the value: all drafts of the appends, in their order.
    ///
    /// @param bytesBefore the sum of the lengths up to the row before it
    /// @return the sum with this row
    static long putValue(ByteBuffer to, long epoch, long timestamp, int count, long bytesBefore, List<Append> appends) {
        int start = to.position();
        to.put(VERSION).put((byte) 0).putLong(epoch).putInt(count).putLong(0);
        for (int i = 0; i < appends.size(); i++) {
            Append append = appends.get(i);
            List<Draft> drafts = append.drafts();
            for (int k = 0; k < drafts.size(); k++) {
                Draft draft = drafts.get(k);
                to.putLong(timestamp);
                putMessage(to, append.from(), draft.messageId(), draft.details(), draft.payload());
            }
        }
        long bytes = bytesBefore + to.position() - start;
        to.putLong(start + FIRST_HEADER_BYTES, bytes);
        return bytes;
    }

    /// No fewer bytes than a row takes that is written anew.
    static int maxBytesAnew(int valueBytes, int count) {
        return valueBytes + HEADER_BYTES + MESSAGE_BYTES * count;
    }

    /// What becomes of a message when its row is written anew.
    interface Change {
        Message of(Message message);
    }

    /// Writes the value of a row anew that the reader has begun with.
    ///
    /// @param change makes no message longer
    static void putValueAnew(ByteBuffer to, Reader row, Change change) {
        to.put(VERSION).put(ANEW).putLong(row.epoch()).putInt(row.count()).putLong(row.bytes());
        while (row.hasNext()) {
            Message message = change.of(row.next());
            to.putLong(message.timestamp());
            putMessage(to, message.from(), message.messageId(), message.details(), message.payload());
        }
    }

    private static void putMessage(
            ByteBuffer to,
            @Nullable String from,
            @Nullable String messageId,
            @Nullable Details details,
            byte[] payload) {
        int members = (from == null ? 0 : FROM)
                | (messageId == null ? 0 : MESSAGE_ID)
                | (details == null ? 0 : membersOf(details));
        Bytes.putVarint(to, members);
        if (details != null) {
            putKind(to, details);
        }
        putTextIfThere(to, from);
        putTextIfThere(to, messageId);
        if (details != null) {
            putTextIfThere(to, details.key());
            putTextIfThere(to, details.withheldFrom());
            putTextIfThere(to, details.origin());
            putHeaders(to, details.headers());
        }
        Bytes.putVarint(to, payload.length);
        to.put(payload);
    }

    private static int membersOf(Details details) {
        return (details.key() == null ? 0 : KEY)
                | (details.withheldFrom() == null ? 0 : WITHHELD_FROM)
                | (details.headers().isEmpty() ? 0 : HEADERS)
                | (details.origin() == null ? 0 : ORIGIN)
                | (details.kind() == Message.Kind.JSON ? 0 : KIND);
    }

    private static void putKind(ByteBuffer to, Details details) {
        switch (details.kind()) {
            case JSON -> {}
            case BYTES -> {
                to.put(KIND_BYTES);
                Bytes.putText(to, details.contentType());
            }
            case REDACTED -> to.put(KIND_REDACTED);
        }
    }

    private static void putTextIfThere(ByteBuffer to, @Nullable String text) {
        if (text != null) {
            Bytes.putText(to, text);
        }
    }

    private static void putHeaders(ByteBuffer to, Headers headers) {
        if (headers.isEmpty()) {
            return;
        }
        Bytes.putVarint(to, headers.count());
        for (int i = 0; i < headers.count(); i++) {
            Bytes.putText(to, headers.name(i));
            Bytes.putText(to, headers.value(i));
        }
    }

    /// A row as it is walked through: first its header, then its messages one after the other.
    ///
    /// Owned by one thread, and used again for the next row.
    static final class Reader {
        private ByteBuffer value = ByteBuffer.allocate(0);
        private byte version;
        private byte flags;
        private int valueBytes;
        private long lastOffset;
        private long nextOffset;
        private long epoch;
        private int count;
        private long bytes;
        private long timestamp;

        /// Begins with a row whose key is `lastOffset` and whose value remains in the buffer.
        void begin(long last, ByteBuffer row) {
            value = row;
            valueBytes = row.remaining();
            if (valueBytes < FIRST_HEADER_BYTES) {
                throw new BadRowException("the batch that ends at offset " + last + " has no header");
            }
            version = row.get();
            if (version != VERSION && version != FIRST_VERSION) {
                throw new BadRowException("the batch that ends at offset " + last + " has the format version " + version
                        + ", which this version does not know");
            }
            flags = row.get();
            if (flags != 0 && (flags != ANEW || version == FIRST_VERSION)) {
                throw new BadRowException(
                        "the batch that ends at offset " + last + " has flags this version does not know: " + flags);
            }
            epoch = row.getLong();
            count = row.getInt();
            if (count < 1 || count > last) {
                throw new BadRowException(
                        "the batch that ends at offset " + last + " says it has " + count + " messages");
            }
            bytes = version == FIRST_VERSION ? 0 : bytes(last, row);
            lastOffset = last;
            nextOffset = last - count + 1;
        }

        private long bytes(long last, ByteBuffer row) {
            if (valueBytes < HEADER_BYTES) {
                throw new BadRowException("the batch that ends at offset " + last + " has no header");
            }
            long sum = row.getLong();
            if (sum < valueBytes && !(sum == 0 && isAnew())) {
                throw new BadRowException("the batch that ends at offset " + last + " has " + valueBytes
                        + " bytes and counts " + sum + " up to its end");
            }
            return sum;
        }

        long epoch() {
            return epoch;
        }

        long firstOffset() {
            return lastOffset - count + 1;
        }

        long lastOffset() {
            return lastOffset;
        }

        /// How many messages it has.
        int count() {
            return count;
        }

        /// Whether the row counts [#bytes]. Those of the first version do not, nor those that had it.
        boolean countsBytes() {
            return bytes != 0;
        }

        /// Whether it was written anew, so that it counts more bytes than it has.
        boolean isAnew() {
            return flags == ANEW;
        }

        /// The sum of the lengths of the values up to and with this one; 0 where it is not counted.
        long bytes() {
            return bytes;
        }

        /// The length of this row's value.
        int valueBytes() {
            return valueBytes;
        }

        /// The timestamp of the first message, of a row that was just begun; all of a batch have the same.
        long firstTimestamp() {
            if (value.remaining() < Long.BYTES) {
                throw new BadRowException("the batch that ends at offset " + lastOffset + " has no messages");
            }
            return value.getLong(value.position());
        }

        boolean hasNext() {
            return nextOffset <= lastOffset;
        }

        /// The offset of the message that [#next] or [#skip] comes to.
        long nextOffset() {
            return nextOffset;
        }

        /// The timestamp of the message that was last read or skipped.
        long timestamp() {
            return timestamp;
        }

        Message next() {
            long offset = nextOffset;
            try {
                timestamp = value.getLong();
                Message message = version == FIRST_VERSION ? firstVersionMessage(offset) : message(offset);
                endMessage();
                return message;
            } catch (BufferUnderflowException | IllegalArgumentException | BadRowException e) {
                throw new BadRowException("message " + offset + " cannot be read: " + e.getMessage(), e);
            }
        }

        private Message message(long offset) {
            int members = members();
            Message.Kind kind = (members & KIND) == 0 ? Message.Kind.JSON : kind();
            String contentType = kind == Message.Kind.BYTES ? text() : null;
            String from = textIf(members, FROM);
            String messageId = textIf(members, MESSAGE_ID);
            Details details = null;
            if ((members & ~(FROM | MESSAGE_ID)) != 0) {
                String key = textIf(members, KEY);
                String withheldFrom = textIf(members, WITHHELD_FROM);
                String origin = textIf(members, ORIGIN);
                Headers headers = (members & HEADERS) == 0 ? Headers.NONE : headers();
                details = new Details(kind, contentType, headers, key, origin, withheldFrom);
            }
            return new Message(offset, timestamp, from, messageId, payload(), details);
        }

        private Message firstVersionMessage(long offset) {
            requireJson();
            String from = Bytes.getText(value);
            String withheldFrom = Bytes.getText(value);
            String messageId = Bytes.getText(value);
            String key = Bytes.getText(value);
            requireNoHeaders();
            Details details = key == null && withheldFrom == null
                    ? null
                    : new Details(Message.Kind.JSON, null, Headers.NONE, key, null, withheldFrom);
            return new Message(offset, timestamp, from, messageId, payload(), details);
        }

        void skip() {
            long offset = nextOffset;
            try {
                timestamp = value.getLong();
                if (version == FIRST_VERSION) {
                    requireJson();
                    skipTexts(4);
                    requireNoHeaders();
                } else {
                    int members = members();
                    boolean isBytes = (members & KIND) != 0 && kind() == Message.Kind.BYTES;
                    skipTexts(Integer.bitCount(members & TEXTS) + (isBytes ? 1 : 0));
                    if ((members & HEADERS) != 0) {
                        skipTexts(2 * headerCount());
                    }
                }
                skipBytes(Bytes.getVarint(value));
                endMessage();
            } catch (BufferUnderflowException | BadRowException e) {
                throw new BadRowException("message " + offset + " cannot be read: " + e.getMessage(), e);
            }
        }

        // ---- the parts of a message

        private int members() {
            int members = Bytes.getVarint(value);
            if ((members & ~MEMBERS) != 0) {
                throw new BadRowException(
                        "it has members this version does not know: " + Integer.toHexString(members & ~MEMBERS));
            }
            return members;
        }

        private Message.Kind kind() {
            byte kind = value.get();
            return switch (kind) {
                case KIND_BYTES -> Message.Kind.BYTES;
                case KIND_REDACTED -> Message.Kind.REDACTED;
                default -> throw unknownKind(kind);
            };
        }

        private void requireJson() {
            byte kind = value.get();
            if (kind != KIND_JSON) {
                throw unknownKind(kind);
            }
        }

        private static BadRowException unknownKind(byte kind) {
            return new BadRowException("its kind is " + kind + ", which this version does not know");
        }

        private @Nullable String textIf(int members, int member) {
            return (members & member) == 0 ? null : text();
        }

        private String text() {
            String text = Bytes.getText(value);
            if (text == null) {
                throw new BadRowException("a text that it has is not there");
            }
            return text;
        }

        private int headerCount() {
            int headers = Bytes.getVarint(value);
            if (headers < 1 || headers > Headers.MAX_STORED_COUNT) {
                throw new BadRowException("it says it has " + headers + " headers");
            }
            return headers;
        }

        private Headers headers() {
            TreeMap<String, String> headers = new TreeMap<>();
            for (int left = headerCount(); left > 0; left--) {
                String name = text();
                if (headers.put(name, text()) != null) {
                    throw new BadRowException("a header stands twice");
                }
            }
            return Headers.kept(headers);
        }

        private void requireNoHeaders() {
            if (Bytes.getVarint(value) != 0) {
                throw new BadRowException("it has headers, which its format version does not have");
            }
        }

        private byte[] payload() {
            return Bytes.getBytes(value, Bytes.getVarint(value));
        }

        private void skipTexts(int texts) {
            for (int text = 0; text < texts; text++) {
                int length = Bytes.getVarint(value);
                skipBytes(Math.max(0, length - 1));
            }
        }

        private void skipBytes(int length) {
            if (length > value.remaining()) {
                throw new BadRowException("it ends too early");
            }
            value.position(value.position() + length);
        }

        private void endMessage() {
            nextOffset++;
            if (nextOffset > lastOffset && value.hasRemaining()) {
                throw new BadRowException("something follows the last message of the batch");
            }
        }
    }
}
