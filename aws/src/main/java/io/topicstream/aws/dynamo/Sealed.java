package io.topicstream.aws.dynamo;

import io.topicstream.row.BadRowException;
import io.topicstream.row.Bytes;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// A row that stands for a segment in the bucket, with its batches: how long messages are kept goes by batches, and
/// who looks for a time or an epoch reads no objects.
///
/// ```
/// pk  A#topic
/// sk  first offset, 20 digits: where the segment begins
/// e   epoch                      t  timestamp of the first batch       y  as in [Slot], of the first batch
/// b   format version 1 (1) | batches varint
///     | batches × (messages varint, ms since the batch before 2 × varint, bytes more than the batch before varint)
/// ```
///
/// It is written before the topic's mark says that the messages are archived, always with the same, and never changed.
///
/// @param slots without marks and values; at least one, all of one epoch
record Sealed(List<Slot> slots) {
    private static final byte VERSION = 1;
    private static final int SLOT_BYTES = 20;
    private static final byte[] NO_MARK = {};

    Sealed {
        slots = slots.stream()
                .map(slot -> slot(slot.first(), slot.count(), slot.epoch(), slot.timestamp(), slot.bytes()))
                .toList();
    }

    private static Slot slot(long first, int count, long epoch, long timestamp, long bytes) {
        return new Slot(first, count, epoch, timestamp, bytes, NO_MARK, null, null, null, 0, false);
    }

    long first() {
        return slots.getFirst().first();
    }

    /// The offset after its last one.
    long next() {
        return slots.getLast().last() + 1;
    }

    static Map<String, AttributeValue> key(String topic, long first) {
        return Map.of(DynamoTable.PK, Slot.text(pk(topic)), DynamoTable.SK, Slot.text(Slot.sk(first)));
    }

    static String pk(String topic) {
        return "A#" + topic;
    }

    Map<String, AttributeValue> item(String topic) {
        Slot begin = slots.getFirst();
        ByteBuffer to = ByteBuffer.allocate(SLOT_BYTES * (slots.size() + 1));
        to.put(VERSION);
        Bytes.putVarint(to, slots.size());
        Slot before = begin;
        for (Slot slot : slots) {
            Bytes.putVarint(to, slot.count());
            long ms = slot.timestamp() - before.timestamp();
            Bytes.putVarint(to, (int) (ms >>> 31));
            Bytes.putVarint(to, (int) (ms & Integer.MAX_VALUE));
            Bytes.putVarint(to, Math.toIntExact(slot.bytes() - before.bytes()));
            before = slot;
        }
        Map<String, AttributeValue> item = new HashMap<>(key(topic, begin.first()));
        item.put(Slot.EPOCH, Slot.number(begin.epoch()));
        item.put(Slot.TIMESTAMP, Slot.number(begin.timestamp()));
        item.put(Slot.BYTES, Slot.number(begin.bytes()));
        item.put(Slot.VALUE, Slot.bytes(Arrays.copyOf(to.array(), to.position())));
        return item;
    }

    static Sealed of(Map<String, AttributeValue> item) {
        String first = Slot.text(item, DynamoTable.SK);
        try {
            ByteBuffer from = ByteBuffer.wrap(Slot.bytes(item, Slot.VALUE));
            byte version = from.get();
            if (version != VERSION) {
                throw new BadRowException(
                        "it has the format version " + version + ", which this version does not know");
            }
            long offset = Long.parseLong(first);
            long epoch = Slot.number(item, Slot.EPOCH);
            long timestamp = Slot.number(item, Slot.TIMESTAMP);
            long bytes = Slot.number(item, Slot.BYTES);
            List<Slot> slots = new ArrayList<>();
            for (int left = Bytes.getVarint(from); left > 0; left--) {
                int count = Bytes.getVarint(from);
                timestamp += ((long) Bytes.getVarint(from) << 31) + Bytes.getVarint(from);
                bytes += Bytes.getVarint(from);
                slots.add(slot(offset, count, epoch, timestamp, bytes));
                offset += count;
            }
            if (from.hasRemaining() || slots.isEmpty()) {
                throw new BadRowException("it has no batches, or something follows them");
            }
            return new Sealed(slots);
        } catch (BufferUnderflowException | NumberFormatException | BadRowException e) {
            throw new BadRowException("the row of the segment at offset " + first + " cannot be read: " + e, e);
        }
    }
}
