package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.log.Message;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.List;

/// A row of the family `log`: the messages that one commit added to one topic.
///
/// ```
/// key    topic id 8 | offset of the last message 8
/// value  format version 1 (1) | flags 1 (0) | epoch 8 | count 4 | count × message
/// message  timestamp 8 | kind 1 (0: JSON) | from text | withheld from text | message id text | key text
///          | headers varint (0) | payload varint + bytes
/// ```
///
/// All numbers are big-endian; varint and text as in [Bytes]. The last offset is the key, so that one seek to
/// (topic, n) finds the batch that holds n. The first offset is last − count + 1.
///
/// A version, flag, kind or header that this class does not know is refused by name.
final class BatchRow {
    static final int KEY_BYTES = 16;
    static final byte VERSION = 1;
    static final byte KIND_JSON = 0;

    private static final int HEADER_BYTES = 14;

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
            int texts = Bytes.maxTextBytes(append.from()) + Bytes.maxTextBytes(append.withheldFrom());
            List<Draft> drafts = append.drafts();
            for (int k = 0; k < drafts.size(); k++) {
                Draft draft = drafts.get(k);
                bytes += 16L
                        + texts
                        + Bytes.maxTextBytes(draft.messageId())
                        + Bytes.maxTextBytes(draft.key())
                        + draft.payload().length;
            }
        }
        return Math.toIntExact(bytes);
    }

    /// Writes the value: all drafts of the appends, in their order.
    static void putValue(ByteBuffer to, long epoch, long timestamp, int count, List<Append> appends) {
        to.put(VERSION).put((byte) 0).putLong(epoch).putInt(count);
        for (int i = 0; i < appends.size(); i++) {
            Append append = appends.get(i);
            List<Draft> drafts = append.drafts();
            for (int k = 0; k < drafts.size(); k++) {
                Draft draft = drafts.get(k);
                to.putLong(timestamp).put(KIND_JSON);
                Bytes.putText(to, append.from());
                Bytes.putText(to, append.withheldFrom());
                Bytes.putText(to, draft.messageId());
                Bytes.putText(to, draft.key());
                to.put((byte) 0);
                Bytes.putVarint(to, draft.payload().length);
                to.put(draft.payload());
            }
        }
    }

    /// A row as it is walked through: first its header, then its messages one after the other.
    ///
    /// Owned by one thread, and used again for the next row.
    static final class Reader {
        private ByteBuffer value = ByteBuffer.allocate(0);
        private long lastOffset;
        private long nextOffset;
        private long epoch;
        private int count;
        private long timestamp;

        /// Begins with a row whose key is `lastOffset` and whose value remains in the buffer.
        void begin(long last, ByteBuffer row) {
            value = row;
            if (row.remaining() < HEADER_BYTES) {
                throw new BadRowException("the batch that ends at offset " + last + " has no header");
            }
            byte version = row.get();
            if (version != VERSION) {
                throw new BadRowException("the batch that ends at offset " + last + " has the format version " + version
                        + ", which this version does not know");
            }
            byte flags = row.get();
            if (flags != 0) {
                throw new BadRowException(
                        "the batch that ends at offset " + last + " has flags this version does not know: " + flags);
            }
            epoch = row.getLong();
            count = row.getInt();
            if (count < 1 || count > last) {
                throw new BadRowException(
                        "the batch that ends at offset " + last + " says it has " + count + " messages");
            }
            lastOffset = last;
            nextOffset = last - count + 1;
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
                beginMessage();
                String from = Bytes.getText(value);
                String withheldFrom = Bytes.getText(value);
                String messageId = Bytes.getText(value);
                String key = Bytes.getText(value);
                skipHeaders();
                byte[] payload = Bytes.getBytes(value, Bytes.getVarint(value));
                endMessage();
                return new Message(offset, timestamp, from, withheldFrom, messageId, key, payload);
            } catch (BufferUnderflowException | BadRowException e) {
                throw new BadRowException("message " + offset + " cannot be read: " + e.getMessage(), e);
            }
        }

        void skip() {
            long offset = nextOffset;
            try {
                beginMessage();
                for (int text = 0; text < 4; text++) {
                    int length = Bytes.getVarint(value);
                    skipBytes(Math.max(0, length - 1));
                }
                skipHeaders();
                skipBytes(Bytes.getVarint(value));
                endMessage();
            } catch (BufferUnderflowException | BadRowException e) {
                throw new BadRowException("message " + offset + " cannot be read: " + e.getMessage(), e);
            }
        }

        private void beginMessage() {
            timestamp = value.getLong();
            byte kind = value.get();
            if (kind != KIND_JSON) {
                throw new BadRowException("its kind is " + kind + ", which this version does not know");
            }
        }

        private void skipHeaders() {
            int headers = Bytes.getVarint(value);
            if (headers != 0) {
                throw new BadRowException("it has headers, which this version does not know");
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
