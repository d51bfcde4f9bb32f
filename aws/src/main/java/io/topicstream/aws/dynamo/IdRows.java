package io.topicstream.aws.dynamo;

import io.topicstream.log.Append;
import io.topicstream.migration.KnownId;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;

/// The rows of message ids: each says in which slot the message of an id is, or will be.
///
/// ```
/// pk  I#topic#hash of scope and id     sk  -     s  the slot
/// ```
///
/// A row is written before the slot is claimed, and counts only if the batch in that slot has the id. So a publisher
/// that dies between the two leaves nothing that misleads, and an id and its batch need no transaction, which costs
/// twice as much and has room for a hundred rows.
///
/// Why no message is stored twice: who writes slot n has seen before that the slots below n are taken, then asked for
/// his ids. A row that names a slot below n is judged by what stands there. One that names n or a later slot belongs
/// to another one who is at the same place: one of both claims n, and the other asks again. A row is only moved
/// forward, from a slot that is taken by somebody else.
final class IdRows {
    private static final String SLOT = "s";
    private static final String ONLY = "-";
    private static final int HASH_BYTES = 18;

    /// A row is needed as long as its id is remembered, and while a writer is about to claim.
    private static final Duration KEPT = Duration.ofHours(25);

    private final DynamoTable table;
    private final LogRows rows;

    IdRows(DynamoTable table, LogRows rows) {
        this.table = table;
        this.rows = rows;
    }

    /// Notes that an id will be in the slot, unless it is known.
    ///
    /// @param nowMs by which the row ends
    /// @param forgottenMs ids of batches up to this timestamp are not known any more
    /// @param batches that were read already; gets those that are read now
    /// @return null where it is not known
    BatchValue.@Nullable Known note(
            Append append,
            String messageId,
            long slot,
            long nowMs,
            long forgottenMs,
            ConcurrentHashMap<Long, Optional<LogRows.Held>> batches) {
        String topic = append.topic().value();
        Map<String, AttributeValue> key = key(topic, append.idScope(), messageId);
        long endsAtS = TimeUnit.MILLISECONDS.toSeconds(nowMs) + KEPT.toSeconds();
        Long before = put(key, slot, endsAtS);
        while (before != null && before < slot) {
            LogRows.Held batch = batches.computeIfAbsent(before, at -> Optional.ofNullable(rows.held(topic, at)))
                    .orElse(null);
            if (batch != null && batch.slot().timestamp() > forgottenMs) {
                BatchValue.Known known = batch.value().known(batch.slot(), append.idScope(), messageId);
                if (known != null) {
                    return known;
                }
            }
            before = move(key, before, slot, endsAtS);
        }
        return null;
    }

    /// @return null where it was written, or the slot that stands there
    private @Nullable Long put(Map<String, AttributeValue> key, long slot, long endsAtS) {
        try {
            table.client()
                    .updateItem(update -> update.tableName(table.name())
                            .key(key)
                            .updateExpression("SET s = :s, x = :x")
                            // One that names the same slot is written again, so that it does not end too early.
                            .conditionExpression("attribute_not_exists(pk) OR s = :s")
                            .expressionAttributeValues(Map.of(":s", Slot.number(slot), ":x", Slot.number(endsAtS)))
                            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD));
            return null;
        } catch (ConditionalCheckFailedException e) {
            return Slot.number(e.item(), SLOT);
        }
    }

    private @Nullable Long move(Map<String, AttributeValue> key, long from, long slot, long endsAtS) {
        try {
            table.client()
                    .updateItem(update -> update.tableName(table.name())
                            .key(key)
                            .updateExpression("SET s = :s, x = :x")
                            .conditionExpression("attribute_not_exists(pk) OR s = :from")
                            .expressionAttributeValues(Map.of(
                                    ":s", Slot.number(slot), ":from", Slot.number(from), ":x", Slot.number(endsAtS)))
                            .returnValuesOnConditionCheckFailure(ReturnValuesOnConditionCheckFailure.ALL_OLD));
            return null;
        } catch (ConditionalCheckFailedException e) {
            return Slot.number(e.item(), SLOT);
        }
    }

    /// Notes where an id is that came out of another engine.
    void noteMoved(String topic, KnownId id, long slot, long nowMs) {
        Map<String, AttributeValue> row = new HashMap<>(key(topic, id.scope(), id.messageId()));
        row.put(SLOT, Slot.number(slot));
        row.put(DynamoTable.EXPIRES, Slot.number(TimeUnit.MILLISECONDS.toSeconds(nowMs) + KEPT.toSeconds()));
        table.client().putItem(put -> put.tableName(table.name()).item(row));
    }

    private static Map<String, AttributeValue> key(String topic, String scope, String messageId) {
        return Map.of(
                DynamoTable.PK,
                Slot.text("I#" + topic + "#" + hash(scope, messageId)),
                DynamoTable.SK,
                Slot.text(ONLY));
    }

    /// Of 144 bits: nobody finds two ids that share one. The batch is asked for the whole id.
    private static String hash(String scope, String messageId) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] first = scope.getBytes(StandardCharsets.UTF_8);
            digest.update((byte) (first.length >>> 8));
            digest.update((byte) first.length);
            digest.update(first);
            digest.update(messageId.getBytes(StandardCharsets.UTF_8));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest.digest(), HASH_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
    }
}
