package io.topicstream.aws.dynamo;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.migration.MigrationException;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValue;

/// The row that says in which epoch the log is, and whether the table is complete:
///
/// ```
/// pk  E     sk  -     e  epoch
/// m  fingerprint of the source, while a migration fills the table     b  when that began, epoch ms
/// c  the last topic of those that are complete then
/// d  fingerprint of the source, when that has come to its end
/// ```
///
/// A log that opens the table reads this row. So a table that is not complete is opened by none.
final class EpochRow {
    private static final String FILLED_FROM = "m";
    private static final String BEGUN_AT = "b";
    private static final String COMPLETE = "c";
    private static final String CAME_FROM = "d";

    private static final Map<String, AttributeValue> KEY =
            Map.of(DynamoTable.PK, Slot.text("E"), DynamoTable.SK, Slot.text("-"));

    private final DynamoTable table;

    EpochRow(DynamoTable table) {
        this.table = table;
    }

    /// What it says of a migration into the table.
    ///
    /// @param epoch 0 where none was begun
    /// @param filledFrom null where the table is complete
    /// @param cameFrom null where it was not filled by one
    record Filling(
            long epoch,
            @Nullable String filledFrom,
            long begunMs,
            String complete,
            @Nullable String cameFrom) {}

    private Map<String, AttributeValue> read() {
        Map<String, AttributeValue> item = table.client()
                .getItem(get -> get.tableName(table.name()).key(KEY).consistentRead(true))
                .item();
        return item == null ? Map.of() : item;
    }

    /// The epoch of a log that opens the table now. In a new table it begins one.
    ///
    /// @param isNew begin one in any case
    /// @throws LogUnavailableException where the table is not complete
    long open(InstantSource clock, boolean isNew) {
        while (true) {
            Map<String, AttributeValue> item = read();
            if (item.containsKey(FILLED_FROM)) {
                throw new LogUnavailableException("the table " + table.name() + " is not complete: a migration into it"
                        + " has not come to its end; run topicstream migrate again");
            }
            long known = item.isEmpty() ? 0 : Slot.number(item, Slot.EPOCH);
            if (known > 0 && !isNew) {
                return known;
            }
            long next = Math.max(clock.millis() / 1000, known + 1);
            try {
                return Slot.number(
                        table.client()
                                .updateItem(update -> update.tableName(table.name())
                                        .key(KEY)
                                        .updateExpression("SET e = :next")
                                        .conditionExpression("attribute_not_exists(e) OR e = :known")
                                        .expressionAttributeValues(
                                                Map.of(":next", Slot.number(next), ":known", Slot.number(known)))
                                        .returnValues(ReturnValue.ALL_NEW))
                                .attributes(),
                        Slot.EPOCH);
            } catch (ConditionalCheckFailedException e) {
                // Another one began it.
            }
        }
    }

    Filling filling() {
        Map<String, AttributeValue> item = read();
        return new Filling(
                item.containsKey(Slot.EPOCH) ? Slot.number(item, Slot.EPOCH) : 0,
                item.containsKey(FILLED_FROM) ? Slot.text(item, FILLED_FROM) : null,
                item.containsKey(BEGUN_AT) ? Slot.number(item, BEGUN_AT) : 0,
                item.containsKey(COMPLETE) ? Slot.text(item, COMPLETE) : "",
                item.containsKey(CAME_FROM) ? Slot.text(item, CAME_FROM) : null);
    }

    /// Notes that a migration fills the table.
    ///
    /// @param seen as it was seen
    void begin(Filling seen, String fingerprint, long epoch, long nowMs) {
        Map<String, AttributeValue> values =
                new HashMap<>(Map.of(":e", Slot.number(epoch), ":m", Slot.text(fingerprint), ":b", Slot.number(nowMs)));
        String isSame = "attribute_not_exists(e)";
        if (seen.epoch() > 0) {
            isSame = "e = :seen AND attribute_not_exists(m)";
            values.put(":seen", Slot.number(seen.epoch()));
        }
        String condition = isSame;
        try {
            table.client()
                    .updateItem(update -> update.tableName(table.name())
                            .key(KEY)
                            .updateExpression("SET e = :e, m = :m, b = :b REMOVE c, d")
                            .conditionExpression(condition)
                            .expressionAttributeValues(values));
        } catch (ConditionalCheckFailedException e) {
            Filling now = filling();
            // The answer to an earlier try may have been lost.
            if (!fingerprint.equals(now.filledFrom()) || now.epoch() != epoch || now.begunMs() != nowMs) {
                throw new MigrationException(
                        "somebody else has opened the table " + table.name() + " meanwhile; stop him, and run it again",
                        e);
            }
        }
    }

    void complete(String topic) {
        table.client()
                .updateItem(update -> update.tableName(table.name())
                        .key(KEY)
                        .updateExpression("SET c = :c")
                        .expressionAttributeValues(Map.of(":c", Slot.text(topic))));
    }

    /// Notes that the table is complete.
    void end(String fingerprint) {
        table.client()
                .updateItem(update -> update.tableName(table.name())
                        .key(KEY)
                        .updateExpression("SET d = :d REMOVE m, b, c")
                        .expressionAttributeValues(Map.of(":d", Slot.text(fingerprint))));
    }
}
