package io.topicstream.examples.directchat;

import io.topicstream.examples.backend.RecordsException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.Delete;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.ResourceNotFoundException;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.Update;

/// The register in a table of DynamoDB, which several back ends may share. The table exists, and its partition key is
/// the string `connectionId`; it has no sort key.
///
/// | connectionId | username | heldBy |
/// | --- | --- | --- |
/// | a connection id | its name, where it has one | |
/// | `username:` and a name | | the connection that has it |
///
/// Ids of connections have no colon. Both items of a name change in one transaction, on the condition that they are
/// as they were read, so neither two claims nor two back ends can cross each other.
final class DynamoRegister implements Register {
    private static final String KEY = "connectionId";
    private static final String USERNAME = "username";
    private static final String HOLDER = "heldBy";
    private static final String CLAIM = "username:";
    private static final int MAX_TRIES = 20;
    private static final String FAILED = "ConditionalCheckFailed";

    private final DynamoDbClient client;
    private final String table;

    private DynamoRegister(DynamoDbClient client, String table) {
        this.client = client;
        this.table = table;
    }

    /// The register in a table that exists.
    ///
    /// @param client closed with the register
    /// @throws RecordsException if there is no such table, or it cannot be asked
    static DynamoRegister open(DynamoDbClient client, String table) {
        try {
            client.describeTable(request -> request.tableName(table));
            return new DynamoRegister(client, table);
        } catch (ResourceNotFoundException e) {
            client.close();
            throw new RecordsException("The table " + table + " does not exist (DYNAMODB_TABLE_NAME).", e);
        } catch (SdkException e) {
            client.close();
            throw new RecordsException("DynamoDB did not answer: " + e.getMessage(), e);
        }
    }

    /// Something that is asked of the table.
    private interface Question<T extends @Nullable Object> {
        T ask();
    }

    private static <T extends @Nullable Object> T answered(Question<T> question) {
        try {
            return question.ask();
        } catch (SdkException e) {
            throw new RecordsException("DynamoDB did not answer: " + e.getMessage(), e);
        }
    }

    @Override
    public void connect(String connectionId) {
        try {
            client.putItem(request -> request.tableName(table)
                    .item(key(connectionId))
                    .conditionExpression("attribute_not_exists(" + KEY + ")"));
        } catch (ConditionalCheckFailedException _) {
            // It is known.
        } catch (SdkException e) {
            throw new RecordsException("DynamoDB did not answer: " + e.getMessage(), e);
        }
    }

    @Override
    public void disconnect(String connectionId) {
        for (int tries = 0; tries < MAX_TRIES; tries++) {
            String username = usernameOf(connectionId);
            List<TransactWriteItem> changes = new ArrayList<>();
            changes.add(item(Delete.builder()
                    .tableName(table)
                    .key(key(connectionId))
                    .conditionExpression(isNamed(username))
                    .expressionAttributeValues(username == null ? null : Map.of(":before", text(username)))));
            if (username != null) {
                changes.add(free(username, connectionId));
            }
            if (reasons(changes).isEmpty()) {
                return;
            }
            pause(tries);
        }
        throw new RecordsException("The connection changes too often.");
    }

    @Override
    public boolean claim(String connectionId, String username) {
        for (int tries = 0; tries < MAX_TRIES; tries++) {
            if (connectionOf(username) != null) {
                return false;
            }
            String before = usernameOf(connectionId);
            List<TransactWriteItem> changes = new ArrayList<>();
            changes.add(item(Put.builder()
                    .tableName(table)
                    .item(Map.of(KEY, text(CLAIM + username), HOLDER, text(connectionId)))
                    .conditionExpression("attribute_not_exists(" + KEY + ")")));
            changes.add(item(Update.builder()
                    .tableName(table)
                    .key(key(connectionId))
                    .updateExpression("SET " + USERNAME + " = :name")
                    .conditionExpression(isNamed(before))
                    .expressionAttributeValues(
                            before == null
                                    ? Map.of(":name", text(username))
                                    : Map.of(":name", text(username), ":before", text(before)))));
            if (before != null) {
                changes.add(free(before, connectionId));
            }
            List<String> reasons = reasons(changes);
            if (reasons.isEmpty()) {
                return true;
            }
            if (FAILED.equals(reasons.getFirst())) {
                return false;
            }
            pause(tries);
        }
        throw new RecordsException("Too many want to change the name of the connection at once.");
    }

    private TransactWriteItem free(String username, String connectionId) {
        return item(Delete.builder()
                .tableName(table)
                .key(key(CLAIM + username))
                .conditionExpression(HOLDER + " = :holder")
                .expressionAttributeValues(Map.of(":holder", text(connectionId))));
    }

    /// Makes all changes or none.
    ///
    /// @return for each change why it could not be made, or an empty list if all were made
    private List<String> reasons(List<TransactWriteItem> changes) {
        try {
            client.transactWriteItems(request -> request.transactItems(changes));
            return List.of();
        } catch (TransactionCanceledException e) {
            List<String> reasons = e.cancellationReasons().stream()
                    .map(CancellationReason::code)
                    .toList();
            if (reasons.stream().anyMatch(reason -> FAILED.equals(reason) || "TransactionConflict".equals(reason))) {
                return reasons;
            }
            throw new RecordsException("DynamoDB cancelled a change: " + e.getMessage(), e);
        } catch (SdkException e) {
            throw new RecordsException("DynamoDB did not answer: " + e.getMessage(), e);
        }
    }

    /// Waits a little before the next try, longer each time, so that those who met do not meet again.
    private static void pause(int tries) {
        try {
            Thread.sleep(ThreadLocalRandom.current().nextLong(1, 5L << Math.min(tries, 5)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RecordsException("The back end is ending.", e);
        }
    }

    private static String isNamed(@Nullable String username) {
        return username == null ? "attribute_not_exists(" + USERNAME + ")" : USERNAME + " = :before";
    }

    @Override
    public @Nullable String usernameOf(String connectionId) {
        return get(connectionId, USERNAME);
    }

    @Override
    public @Nullable String connectionOf(String username) {
        return get(CLAIM + username, HOLDER);
    }

    private @Nullable String get(String key, String attribute) {
        AttributeValue value = answered(() -> client.getItem(
                        request -> request.tableName(table).key(key(key)).consistentRead(true)))
                .item()
                .get(attribute);
        return value == null ? null : value.s();
    }

    @Override
    public List<Entry> all() {
        List<Entry> all = new ArrayList<>();
        Map<String, AttributeValue> after = Map.of();
        do {
            Map<String, AttributeValue> from = after;
            ScanResponse page = answered(() -> client.scan(request -> request.tableName(table)
                    .consistentRead(true)
                    .filterExpression("attribute_not_exists(" + HOLDER + ")")
                    .exclusiveStartKey(from.isEmpty() ? null : from)));
            page.items().forEach(item -> {
                AttributeValue username = item.get(USERNAME);
                AttributeValue connection = item.get(KEY);
                if (connection != null) {
                    all.add(new Entry(connection.s(), username == null ? "" : username.s()));
                }
            });
            after = page.lastEvaluatedKey();
        } while (!after.isEmpty());
        return all;
    }

    private static Map<String, AttributeValue> key(String key) {
        return Map.of(KEY, text(key));
    }

    private static AttributeValue text(String text) {
        return AttributeValue.fromS(text);
    }

    private static TransactWriteItem item(Put.Builder put) {
        return TransactWriteItem.builder().put(put.build()).build();
    }

    private static TransactWriteItem item(Update.Builder update) {
        return TransactWriteItem.builder().update(update.build()).build();
    }

    private static TransactWriteItem item(Delete.Builder delete) {
        return TransactWriteItem.builder().delete(delete.build()).build();
    }

    @Override
    public void close() {
        client.close();
    }
}
