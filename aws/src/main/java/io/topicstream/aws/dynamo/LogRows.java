package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.Objects;
import io.topicstream.row.BadRowException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/// The rows of topics' logs, as they are asked for and written. All reads are strongly consistent: what was answered
/// once is seen by everybody.
///
/// Each method is one call, but for values that stand elsewhere. Blocks; throws what the client throws, and
/// [BadRowException] where a row cannot be read.
final class LogRows {
    /// What the keys of large batches begin with.
    static final String BATCHES = "batches/";

    private static final String BINARY = "application/octet-stream";
    private final DynamoTable table;
    private final @Nullable Objects large;
    private final int inlineBytes;

    LogRows(DynamoTable table, DynamoOptions options) {
        this.table = table;
        this.large = options.large();
        this.inlineBytes = options.inlineBytes();
    }

    /// Where the topic stands.
    View view(String topic) {
        return View.of(slots(topic, "", "~", false, 2).items());
    }

    /// A page of rows.
    ///
    /// @param isWhole whether there are no more
    record Rows(List<Map<String, AttributeValue>> items, boolean isWhole) {
        List<Slot> slots() {
            return items.stream().map(Slot::of).toList();
        }
    }

    /// The batch that has the offset, or else the last one before it; null if it does not exist.
    @Nullable
    Slot at(String topic, long offset) {
        List<Slot> found = slots(topic, Slot.sk(0), Slot.sk(offset), false, 1).slots();
        return found.isEmpty() ? null : found.getFirst();
    }

    /// Batches that begin at `from` or after it, in order.
    Rows from(String topic, long from, int limit) {
        return slots(topic, Slot.sk(from), Slot.sk(Long.MAX_VALUE), true, limit);
    }

    /// Batches that begin at `from` or before it, the last one first.
    Rows upTo(String topic, long from, int limit) {
        return slots(topic, Slot.sk(0), Slot.sk(from), false, limit);
    }

    private Rows slots(String topic, String from, String to, boolean isForward, int limit) {
        QueryResponse found = table.client()
                .query(query -> query.tableName(table.name())
                        .keyConditionExpression("pk = :pk AND sk BETWEEN :from AND :to")
                        .expressionAttributeValues(Map.of(
                                ":pk",
                                Slot.text(Slot.pk(topic)),
                                ":from",
                                from.isEmpty() ? Slot.text("!") : Slot.text(from),
                                ":to",
                                Slot.text(to)))
                        .scanIndexForward(isForward)
                        .consistentRead(true)
                        .limit(limit));
        return new Rows(
                found.items(),
                !found.hasLastEvaluatedKey() || found.lastEvaluatedKey().isEmpty());
    }

    /// Claims the slot.
    ///
    /// @return null where it is ours now, or the batch that has it
    @Nullable
    Slot claim(String topic, Slot slot) {
        try {
            table.client()
                    .putItem(put -> put.tableName(table.name())
                            .item(slot.item(topic))
                            .conditionExpression("attribute_not_exists(pk)")
                            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD));
            return null;
        } catch (ConditionalCheckFailedException e) {
            Slot other = Slot.of(e.item());
            // The answer to an earlier try may have been lost.
            return Arrays.equals(other.mark(), slot.mark()) ? null : other;
        }
    }

    /// The slot as it is now, or null.
    @Nullable
    Slot get(String topic, long slot) {
        Map<String, AttributeValue> item = table.client()
                .getItem(get ->
                        get.tableName(table.name()).key(Slot.key(topic, slot)).consistentRead(true))
                .item();
        return item == null || item.isEmpty() ? null : Slot.of(item);
    }

    /// What the batch has.
    ///
    /// @return null where it was deleted meanwhile
    @Nullable
    BatchValue value(Slot slot) {
        byte[] bytes = slot.value();
        String key = slot.elsewhere();
        if (bytes == null && key != null) {
            Objects.Stored found = bucket("the batch at offset " + slot.first() + " stands in a bucket")
                    .get(key);
            bytes = found == null ? null : found.bytes();
        }
        return bytes == null ? null : BatchValue.of(slot, bytes);
    }

    /// A batch with what it has.
    record Held(Slot slot, BatchValue value) {}

    /// The batch in the slot with what it has, or null if it does not exist.
    @Nullable
    Held held(String topic, long slot) {
        Slot batch = get(topic, slot);
        return batch == null ? null : held(topic, batch);
    }

    /// The batch with what it has, as it is now if it was written anew meanwhile; null where its row is gone.
    @Nullable
    Held held(String topic, Slot found) {
        Slot slot = found;
        while (true) {
            BatchValue value = value(slot);
            if (value != null) {
                return new Held(slot, value);
            }
            // Its object was deleted; the row names another one by now, or none.
            Slot now = get(topic, slot.first());
            if (now == null) {
                return null;
            }
            if (now.version() == slot.version()) {
                throw new BadRowException("the object of the batch at offset " + slot.first() + " is missing");
            }
            slot = now;
        }
    }

    private Objects bucket(String why) {
        Objects bucket = large;
        if (bucket == null) {
            throw new BadRowException(why + ", and none is set");
        }
        return bucket;
    }

    /// Whether a value of this length can be stored.
    boolean hasRoomFor(int bytes) {
        return large != null || bytes <= inlineBytes;
    }

    /// The slot with the value, which stands in an object of its own where it is too large for the row. That is
    /// written now; nobody sees it before the row.
    Slot holding(Slot slot, byte[] value) {
        if (value.length <= inlineBytes) {
            return slot.with(value, null);
        }
        String key = BATCHES + HexFormat.of().formatHex(Slot.newMark());
        bucket("the batch at offset " + slot.first() + " needs a bucket").putIfAbsent(key, value, BINARY, Map.of());
        return slot.with(null, key);
    }

    /// Deletes the object of a slot that nobody can see any more.
    void drop(Slot slot) {
        List<String> keys = new ArrayList<>();
        String key = slot.elsewhere();
        if (key != null) {
            keys.add(key);
        }
        String leftover = slot.leftover();
        if (leftover != null) {
            keys.add(leftover);
        }
        Objects bucket = large;
        if (!keys.isEmpty() && bucket != null) {
            bucket.delete(keys);
        }
    }

    /// Writes the value of a batch anew.
    ///
    /// @param ends whether its messages have ended
    /// @param endsAtMs when the row ends; [Long#MAX_VALUE] where it stays
    /// @return whether the row was as it is known
    boolean rewrite(String topic, Slot slot, byte[] value, boolean ends, long endsAtMs) {
        Slot changed = holding(slot, value);
        Map<String, AttributeValue> values = new HashMap<>();
        values.put(":v", Slot.number(slot.version() + 1));
        values.put(":w", Slot.bytes(slot.mark()));
        StringBuilder set = new StringBuilder("SET v = :v");
        byte[] here = changed.value();
        String elsewhere = changed.elsewhere();
        if (here != null) {
            set.append(", b = :b");
            values.put(":b", Slot.bytes(here));
        } else if (elsewhere != null) {
            set.append(", o = :o");
            values.put(":o", Slot.text(elsewhere));
        }
        if (slot.elsewhere() != null) {
            // Who writes the row next deletes it, if this one dies before.
            set.append(", q = :q");
            values.put(":q", Slot.text(slot.elsewhere()));
        }
        if (ends) {
            set.append(", z = :v");
        }
        if (endsAtMs != Long.MAX_VALUE) {
            set.append(", x = :x");
            values.put(":x", Slot.number(TimeUnit.MILLISECONDS.toSeconds(endsAtMs) + 1));
        }
        String isSame = "attribute_not_exists(v)";
        if (slot.version() > 0) {
            isSame = "v = :old";
            values.put(":old", Slot.number(slot.version()));
        }
        String condition = "w = :w AND " + isSame;
        try {
            table.client()
                    .updateItem(update -> update.tableName(table.name())
                            .key(Slot.key(topic, slot.first()))
                            .updateExpression(set + (here == null ? " REMOVE b" : " REMOVE o"))
                            .conditionExpression(condition)
                            .expressionAttributeValues(values));
        } catch (ConditionalCheckFailedException e) {
            // The answer to an earlier try may have been lost.
            Slot now = get(topic, slot.first());
            boolean isOurs = now != null
                    && now.version() == slot.version() + 1
                    && Arrays.equals(now.value(), here)
                    && java.util.Objects.equals(now.elsewhere(), elsewhere);
            if (!isOurs) {
                drop(slot.with(null, elsewhere).withoutLeftover());
                return false;
            }
        }
        drop(slot);
        return true;
    }

    /// Leaves of a batch what tells a repeat, and has its row end.
    ///
    /// @param endsAtMs [Long#MAX_VALUE] where it stays
    void writeOver(String topic, Slot slot, long endsAtMs) {
        Held held = slot.hasEnded() ? null : held(topic, slot);
        while (held != null && !held.slot().hasEnded()) {
            if (rewrite(topic, held.slot(), held.value().ended().toBytes(), true, endsAtMs)) {
                return;
            }
            // Something of it was taken back meanwhile.
            held = held(topic, slot.first());
        }
    }

    /// Has a row end, whose messages have ended already.
    void endRow(String topic, long slot, long endsAtMs) {
        try {
            table.client()
                    .updateItem(update -> update.tableName(table.name())
                            .key(Slot.key(topic, slot))
                            .updateExpression("SET x = :x")
                            .conditionExpression("attribute_exists(z)")
                            .expressionAttributeValues(
                                    Map.of(":x", Slot.number(TimeUnit.MILLISECONDS.toSeconds(endsAtMs) + 1))));
        } catch (ConditionalCheckFailedException e) {
            // It is not one of those, or gone.
        }
    }

    /// Moves the first offset that is kept.
    ///
    /// @return whether it was as it is known
    boolean moveFirst(String topic, View from, View to) {
        AttributeValue mark = Slot.bytes(Slot.newMark());
        Map<String, AttributeValue> values = new HashMap<>(Map.of(
                ":f", Slot.number(to.first()),
                ":g", Slot.number(to.head().epochBefore()),
                ":y", Slot.number(to.head().bytesBefore()),
                ":w", mark,
                ":u", DynamoTable.THIS_FORM));
        if (from.first() > 1) {
            values.put(":from", Slot.number(from.first()));
        }
        try {
            table.client()
                    .updateItem(update -> update.tableName(table.name())
                            .key(headKey(topic))
                            .updateExpression("SET f = :f, g = :g, y = :y, w = :w, u = :u")
                            .conditionExpression(from.first() > 1 ? "f = :from" : "attribute_not_exists(f)")
                            .expressionAttributeValues(values)
                            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD));
            return true;
        } catch (ConditionalCheckFailedException e) {
            // The answer to an earlier try may have been lost.
            return e.item() != null && mark.equals(e.item().get(Slot.MARK));
        }
    }

    private static Map<String, AttributeValue> headKey(String topic) {
        return Map.of(DynamoTable.PK, Slot.text(Slot.pk(topic)), DynamoTable.SK, Slot.text(Slot.HEAD));
    }

    /// Says that what is before the offset stands in segments. Holds only if nothing was taken back since the head was
    /// read: what the segments were made of may be older.
    ///
    /// @return whether it was as it is known
    boolean moveArchived(String topic, Head from, long to) {
        Map<String, AttributeValue> values = new HashMap<>(Map.of(":to", Slot.number(to)));
        String isSame = "attribute_not_exists(a)";
        if (from.archived() > 1) {
            isSame = "a = :from";
            values.put(":from", Slot.number(from.archived()));
        }
        String noneIsTakenBack = "attribute_not_exists(r)";
        if (from.redactions() > 0) {
            noneIsTakenBack = "r = :r";
            values.put(":r", Slot.number(from.redactions()));
        }
        return updateHead(topic, "SET a = :to, u = :u", isSame + " AND " + noneIsTakenBack, values) != null;
    }

    /// Says that the rows before the offset end by themselves.
    void moveEnding(String topic, long to) {
        raise(topic, Head.ENDING, to);
    }

    /// Says that nothing is left before the offset of what has ended.
    void moveCleaned(String topic, long to) {
        raise(topic, Head.CLEANED, to);
    }

    private void raise(String topic, String attribute, long to) {
        updateHead(
                topic,
                "SET " + attribute + " = :to, u = :u",
                "attribute_not_exists(" + attribute + ") OR " + attribute + " < :to",
                Map.of(":to", Slot.number(to)));
    }

    /// Says that something was taken back in the rows: who made a segment of them before makes it anew.
    ///
    /// @return the head as it is now
    Head noteRedaction(String topic) {
        Head head = updateHead(topic, "SET u = :u ADD r :one", "", Map.of(":one", Slot.number(1)));
        if (head == null) {
            throw new IllegalStateException("an update without a condition was refused");
        }
        return head;
    }

    /// @return null where the condition does not hold
    private @Nullable Head updateHead(
            String topic, String change, String condition, Map<String, AttributeValue> values) {
        Map<String, AttributeValue> all = new HashMap<>(values);
        all.put(":u", DynamoTable.THIS_FORM);
        try {
            return Head.of(table.client()
                    .updateItem(update -> update.tableName(table.name())
                            .key(headKey(topic))
                            .updateExpression(change)
                            .conditionExpression(condition.isEmpty() ? null : condition)
                            .expressionAttributeValues(all)
                            .returnValues(ReturnValue.ALL_NEW))
                    .attributes());
        } catch (ConditionalCheckFailedException e) {
            return null;
        }
    }

    /// Names the topic, before anything is written to it.
    void name(String topic) {
        table.client()
                .putItem(put -> put.tableName(table.name())
                        .item(Map.of(DynamoTable.PK, Slot.text(NAMES), DynamoTable.SK, Slot.text(topic))));
    }

    private static final String NAMES = "N";

    /// Names that come after `from`, in order.
    ///
    /// @param isInclusive whether `from` itself may be among them
    List<String> names(String from, boolean isInclusive, int limit) {
        return table
                .client()
                .query(query -> query.tableName(table.name())
                        .keyConditionExpression("pk = :pk AND sk " + (isInclusive ? ">=" : ">") + " :from")
                        .expressionAttributeValues(
                                Map.of(":pk", Slot.text(NAMES), ":from", Slot.text(from.isEmpty() ? "!" : from)))
                        .consistentRead(true)
                        .limit(limit))
                .items()
                .stream()
                .map(item -> Slot.text(item, DynamoTable.SK))
                .toList();
    }
}
