package io.topicstream.aws.dynamo;

import io.topicstream.row.BadRowException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// A row of a topic's log: one batch, the messages that were claimed together.
///
/// ```
/// pk  L#topic
/// sk  first offset, 20 digits: the slot
/// u   format version: 1
/// n   how many messages          e  epoch                 t  timestamp, epoch ms
/// y   sum of the lengths of the values up to and with this one
/// w   mark of the claim, 16 random bytes: who claimed it knows its own row again
/// b   the value: [BatchValue]    o  or the key under which it stands elsewhere
/// v   how often it was written anew
/// q   the key of an object that it does not need any more, and that may still be there
/// z   1 where the messages have ended, and only what repeats need is left
/// p   1 where they came out of another engine: they are past, and no event tells of them
/// ```
///
/// A slot that is free is claimed by a put that demands that there is no such row. So offsets have no holes, and
/// nothing arrives late: there is no counter beside them that somebody could have raised and then died.
///
/// @param value null where it stands elsewhere
record Slot(
        long first,
        int count,
        long epoch,
        long timestamp,
        long bytes,
        byte[] mark,
        byte @Nullable [] value,
        @Nullable String elsewhere,
        @Nullable String leftover,
        long version,
        boolean hasEnded) {
    static final String COUNT = "n";
    static final String EPOCH = "e";
    static final String TIMESTAMP = "t";
    static final String BYTES = "y";
    static final String MARK = "w";
    static final String VALUE = "b";
    static final String ELSEWHERE = "o";
    static final String LEFTOVER = "q";
    static final String VERSION = "v";
    static final String ENDED = "z";
    static final String PAST = "p";

    /// The row of a topic that is not a batch: [Head]. Its key comes after those of all slots.
    static final String HEAD = "H";

    private static final int MARK_BYTES = 16;

    /// Not one that is seeded once: processes that begin from one snapshot would make the same marks, and each take the
    /// other's row for its own.
    private static final SecureRandom RANDOM = new SecureRandom();

    long last() {
        return first + count - 1;
    }

    /// The same with its value, here or elsewhere.
    Slot with(byte @Nullable [] here, @Nullable String key) {
        return new Slot(first, count, epoch, timestamp, bytes, mark, here, key, leftover, version, hasEnded);
    }

    /// The same without an object that is left over.
    Slot withoutLeftover() {
        return new Slot(first, count, epoch, timestamp, bytes, mark, value, elsewhere, null, version, hasEnded);
    }

    static String pk(String topic) {
        return "L#" + topic;
    }

    static String sk(long offset) {
        String digits = Long.toString(Math.max(0, offset));
        return "0".repeat(20 - digits.length()) + digits;
    }

    static Map<String, AttributeValue> key(String topic, long slot) {
        return Map.of(DynamoTable.PK, text(pk(topic)), DynamoTable.SK, text(sk(slot)));
    }

    Map<String, AttributeValue> item(String topic) {
        Map<String, AttributeValue> item = new HashMap<>(key(topic, first));
        item.put(DynamoTable.FORM, DynamoTable.THIS_FORM);
        item.put(COUNT, number(count));
        item.put(EPOCH, number(epoch));
        item.put(TIMESTAMP, number(timestamp));
        item.put(BYTES, number(bytes));
        item.put(MARK, bytes(mark));
        byte[] here = value;
        if (here != null) {
            item.put(VALUE, bytes(here));
        }
        if (elsewhere != null) {
            item.put(ELSEWHERE, text(elsewhere));
        }
        return item;
    }

    static Slot of(Map<String, AttributeValue> item) {
        DynamoTable.requireForm(item);
        try {
            AttributeValue here = item.get(VALUE);
            AttributeValue other = item.get(ELSEWHERE);
            return new Slot(
                    Long.parseLong(text(item, DynamoTable.SK)),
                    Math.toIntExact(number(item, COUNT)),
                    number(item, EPOCH),
                    number(item, TIMESTAMP),
                    number(item, BYTES),
                    bytes(item, MARK),
                    here == null ? null : here.b().asByteArray(),
                    other == null ? null : other.s(),
                    item.containsKey(LEFTOVER) ? text(item, LEFTOVER) : null,
                    item.containsKey(VERSION) ? number(item, VERSION) : 0,
                    item.containsKey(ENDED));
        } catch (NumberFormatException | ArithmeticException e) {
            throw new BadRowException("a batch cannot be read: " + e.getMessage(), e);
        }
    }

    static boolean isSlot(Map<String, AttributeValue> item) {
        return !text(item, DynamoTable.SK).equals(HEAD);
    }

    /// By which a writer knows his own row again.
    static byte[] newMark() {
        byte[] mark = new byte[MARK_BYTES];
        RANDOM.nextBytes(mark);
        return mark;
    }

    // ---- attributes

    static AttributeValue text(String text) {
        return AttributeValue.fromS(text);
    }

    static AttributeValue number(long number) {
        return AttributeValue.fromN(Long.toString(number));
    }

    static AttributeValue bytes(byte[] bytes) {
        return AttributeValue.fromB(SdkBytes.fromByteArrayUnsafe(bytes));
    }

    static String text(Map<String, AttributeValue> item, String attribute) {
        AttributeValue value = item.get(attribute);
        if (value == null || value.s() == null) {
            throw new BadRowException("a row has no text " + attribute);
        }
        return value.s();
    }

    static long number(Map<String, AttributeValue> item, String attribute) {
        AttributeValue value = item.get(attribute);
        if (value == null || value.n() == null) {
            throw new BadRowException("a row has no number " + attribute);
        }
        return Long.parseLong(value.n());
    }

    static byte[] bytes(Map<String, AttributeValue> item, String attribute) {
        AttributeValue value = item.get(attribute);
        if (value == null || value.b() == null) {
            throw new BadRowException("a row has no bytes " + attribute);
        }
        return value.b().asByteArray();
    }
}
