package io.topicstream.aws.dynamo;

import io.topicstream.row.BadRowException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/// The rows of topics' logs, as they are asked for and written. All reads are strongly consistent: what was answered
/// once is seen by everybody.
///
/// Each method is one call, but for values that stand elsewhere. Blocks; throws what the client throws, and
/// [BadRowException] where a row cannot be read.
final class LogRows {
    private final DynamoTable table;
    private final @Nullable LargeValues large;

    LogRows(DynamoTable table, @Nullable LargeValues large) {
        this.table = table;
        this.large = large;
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

    /// The batch that has the offset, or else the last one before it; null where there is none.
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
            LargeValues place = large;
            if (place == null) {
                throw new BadRowException(
                        "the batch at offset " + slot.first() + " stands in a bucket, and none is set");
            }
            bytes = place.get(key);
        }
        return bytes == null ? null : BatchValue.of(slot, bytes);
    }

    /// Writes the value of a batch anew, in its row.
    ///
    /// @param ends whether its messages have ended
    /// @param endsAtMs when the row ends; [Long#MAX_VALUE] where it stays
    /// @return whether the row was as it is known
    boolean rewrite(String topic, Slot slot, byte[] value, boolean ends, long endsAtMs) {
        Map<String, AttributeValue> values = new HashMap<>();
        values.put(":b", Slot.bytes(value));
        values.put(":v", Slot.number(slot.version() + 1));
        values.put(":w", Slot.bytes(slot.mark()));
        StringBuilder set = new StringBuilder("SET b = :b, v = :v");
        if (ends) {
            set.append(", z = :v");
        }
        if (endsAtMs != Long.MAX_VALUE) {
            set.append(", x = :x");
            values.put(":x", Slot.number(TimeUnit.MILLISECONDS.toSeconds(endsAtMs) + 1));
        }
        String isSame;
        if (slot.version() == 0) {
            isSame = "w = :w AND attribute_not_exists(v)";
        } else {
            isSame = "w = :w AND v = :old";
            values.put(":old", Slot.number(slot.version()));
        }
        try {
            table.client()
                    .updateItem(update -> update.tableName(table.name())
                            .key(Slot.key(topic, slot.first()))
                            .updateExpression(set + " REMOVE o")
                            .conditionExpression(isSame)
                            .expressionAttributeValues(values));
        } catch (ConditionalCheckFailedException e) {
            Slot now = get(topic, slot.first());
            if (now == null || now.version() != slot.version() + 1 || !Arrays.equals(now.value(), value)) {
                return false;
            }
        }
        String key = slot.elsewhere();
        if (key != null && large != null) {
            large.delete(key);
        }
        return true;
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
                ":g", Slot.number(to.epochBefore()),
                ":y", Slot.number(to.bytesBefore()),
                ":w", mark));
        if (from.first() > 1) {
            values.put(":from", Slot.number(from.first()));
        }
        try {
            table.client()
                    .updateItem(update -> update.tableName(table.name())
                            .key(Map.of(
                                    DynamoTable.PK, Slot.text(Slot.pk(topic)), DynamoTable.SK, Slot.text(Slot.HEAD)))
                            .updateExpression("SET f = :f, g = :g, y = :y, w = :w")
                            .conditionExpression(from.first() > 1 ? "f = :from" : "attribute_not_exists(f)")
                            .expressionAttributeValues(values)
                            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD));
            return true;
        } catch (ConditionalCheckFailedException e) {
            // The answer to an earlier try may have been lost.
            return e.item() != null && mark.equals(e.item().get(Slot.MARK));
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
