package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.Details;
import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import io.topicstream.log.Message;
import io.topicstream.row.BadRowException;
import io.topicstream.row.Bytes;
import io.topicstream.row.MessageRow;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/// A row of the family `log`: the messages that one commit added to one topic.
///
/// ```
/// key    topic id 8 | offset of the last message 8
/// value  format version 1 (2) | flags 1 (1: written anew) | epoch 8 | count 4 | bytes 8 | count × message
/// message  timestamp 8 | the message as in [MessageRow]
/// ```
///
/// All numbers are big-endian; varint and text as in [Bytes]. The last offset is the key, so that one seek to
/// (topic, n) finds the batch that holds n. The first offset is last − count + 1.
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
/// A version or a flag that this class does not know is refused by name.
final class BatchRow {
    static final int KEY_BYTES = 16;
    static final byte VERSION = 2;
    private static final byte FIRST_VERSION = 1;

    private static final byte ANEW = 1;

    private static final byte KIND_JSON = 0;

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
            List<Draft> drafts = append.drafts();
            for (int k = 0; k < drafts.size(); k++) {
                Draft draft = drafts.get(k);
                bytes += Long.BYTES
                        + MessageRow.maxBytes(append.from(), draft.messageId(), draft.details(), draft.payload());
            }
        }
        return Math.toIntExact(bytes);
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
                MessageRow.put(to, append.from(), draft.messageId(), draft.details(), draft.payload());
            }
        }
        long bytes = bytesBefore + to.position() - start;
        to.putLong(start + FIRST_HEADER_BYTES, bytes);
        return bytes;
    }

    /// The value of messages that have their places.
    ///
    /// @param bytesBefore the sum of the lengths up to the row before it
    static byte[] value(long epoch, long bytesBefore, List<Message> messages) {
        int most = HEADER_BYTES;
        for (Message message : messages) {
            most += Long.BYTES
                    + MessageRow.maxBytes(message.from(), message.messageId(), message.details(), message.payload());
        }
        ByteBuffer to = ByteBuffer.allocate(most);
        to.put(VERSION).put((byte) 0).putLong(epoch).putInt(messages.size()).putLong(0);
        for (Message message : messages) {
            to.putLong(message.timestamp());
            MessageRow.put(to, message.from(), message.messageId(), message.details(), message.payload());
        }
        to.putLong(FIRST_HEADER_BYTES, bytesBefore + to.position());
        return Arrays.copyOf(to.array(), to.position());
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
            MessageRow.put(to, message.from(), message.messageId(), message.details(), message.payload());
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
                Message message = version == FIRST_VERSION
                        ? firstVersionMessage(offset)
                        : MessageRow.get(value, offset, timestamp);
                endMessage();
                return message;
            } catch (BufferUnderflowException | IllegalArgumentException | BadRowException e) {
                throw new BadRowException("message " + offset + " cannot be read: " + e.getMessage(), e);
            }
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
            return new Message(
                    offset, timestamp, from, messageId, Bytes.getBytes(value, Bytes.getVarint(value)), details);
        }

        void skip() {
            long offset = nextOffset;
            try {
                timestamp = value.getLong();
                if (version == FIRST_VERSION) {
                    requireJson();
                    MessageRow.skipTexts(value, 4);
                    requireNoHeaders();
                    MessageRow.skipBytes(value, Bytes.getVarint(value));
                } else {
                    MessageRow.skip(value);
                }
                endMessage();
            } catch (BufferUnderflowException | BadRowException e) {
                throw new BadRowException("message " + offset + " cannot be read: " + e.getMessage(), e);
            }
        }

        private void requireJson() {
            byte kind = value.get();
            if (kind != KIND_JSON) {
                throw MessageRow.unknownKind(kind);
            }
        }

        private void requireNoHeaders() {
            if (Bytes.getVarint(value) != 0) {
                throw new BadRowException("it has headers, which its format version does not have");
            }
        }

        private void endMessage() {
            nextOffset++;
            if (nextOffset > lastOffset && value.hasRemaining()) {
                throw new BadRowException("something follows the last message of the batch");
            }
        }
    }
}
