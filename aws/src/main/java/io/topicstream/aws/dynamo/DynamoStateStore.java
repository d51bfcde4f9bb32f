package io.topicstream.aws.dynamo;

import static io.topicstream.aws.dynamo.StateItem.number;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.state.StateLimits;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;

/// The state records of the serverless engine, a row each ([StateItem]); all nodes share them.
///
/// What a call costs, where nothing goes wrong. A row has about 60 bytes beside its partition, key and value.
///
/// ```
/// get              1 call; 1 read unit for each 4 KB that the row begins, 1 without a row
/// put, delete      1 call; 1 write unit for each KB that the larger of the old and the new row begins
/// advance          1 call; the same, also where the number is not higher; 2 calls where the record has expired
/// scan             1 call for each MB, 1 read unit for each 4 KB, of all rows that it passes by
/// ```
///
/// A condition that does not hold costs as much as the write. A scan passes by rows of records that have expired or
/// were deleted, until DynamoDB deletes them: an hour later at the earliest, for nothing, and in a few days at the
/// latest. So it is paid for what has ended in the partition, too.
///
/// Changes of one record that are asked for on one node happen in their order. Thread-safe.
final class DynamoStateStore implements StateStore, AutoCloseable {
    /// What the keys of rows begin with that are of what dies with a node.
    static final String OF_NODES = "V#";

    /// The most that changes may hold that wait, in bytes.
    private static final long MAX_WAITING_BYTES = 64 << 20;
    /// What a change holds while it waits, beside the value that it brings.
    private static final int CALL_BYTES = 1024;
    /// The most rows that one call looks at.
    private static final int MAX_ROWS = 16_384;
    /// How many times more rows are looked at by the next call of a scan, if many have expired.
    private static final int MORE_ROWS = 4;

    private static final String ABOUT = "a state record";

    private final DynamoTable table;
    private final String kind;
    private final InstantSource clock;
    private final Calls calls;
    private final StateWrites writes;
    private final InOrder changes = new InOrder();
    private final AtomicLong waitingBytes = new AtomicLong();
    private volatile boolean closed;

    private DynamoStateStore(DynamoTable table, String kind, InstantSource clock, Calls calls) {
        this.table = table;
        this.kind = kind;
        this.clock = clock;
        this.calls = calls;
        this.writes = new StateWrites(table, clock);
    }

    /// The store for what is kept.
    ///
    /// @param clock by which records expire
    /// @param calls not closed with the store
    static DynamoStateStore durable(DynamoTable table, InstantSource clock, Calls calls) {
        return new DynamoStateStore(table, "S#", clock, calls);
    }

    /// The store for what dies with a node. It has rows of its own, and is as durable: what is put there has an end.
    static DynamoStateStore ofNodes(DynamoTable table, InstantSource clock, Calls calls) {
        return new DynamoStateStore(table, OF_NODES, clock, calls);
    }

    @Override
    public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
        StateLimits.name(key);
        Map<String, AttributeValue> row = StateItem.key(pk(partition), key);
        if (closed) {
            return CompletableFuture.failedFuture(isClosed());
        }
        return calls.ask(
                        ABOUT,
                        () -> Optional.ofNullable(StateItem.of(table.client()
                                        .getItem(get -> get.tableName(table.name())
                                                .key(row)
                                                .consistentRead(true))
                                        .item()))
                                .filter(item -> !item.isExpired(clock.millis()))
                                .map(item -> item.record(key)))
                .<@Nullable StateRecord>thenApply(found -> found.orElse(null));
    }

    @Override
    public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
        String pk = pk(partition);
        StateLimits.name(key);
        StateLimits.checkValue(value);
        return change(pk, key, CALL_BYTES + value.length, () -> writes.put(pk, key, value, ifVersion, expiresAtMs));
    }

    @Override
    public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
        String pk = pk(partition);
        StateLimits.name(key);
        return change(pk, key, CALL_BYTES, () -> writes.delete(pk, key, ifVersion));
    }

    @Override
    public CompletionStage<Long> advance(String partition, String key, long number) {
        String pk = pk(partition);
        StateLimits.name(key);
        byte[] value = StateNumber.bytes(number);
        return change(pk, key, CALL_BYTES, () -> writes.advance(pk, partition, key, value));
    }

    private <T> CompletionStage<T> change(String pk, String key, int bytes, Calls.Question<T> change) {
        if (closed) {
            return CompletableFuture.failedFuture(isClosed());
        }
        if (waitingBytes.addAndGet(bytes) > MAX_WAITING_BYTES) {
            waitingBytes.addAndGet(-bytes);
            return CompletableFuture.failedFuture(new LogUnavailableException("too much is waiting"));
        }
        CompletableFuture<T> answer = changes.after(pk + '\0' + key, () -> calls.ask(ABOUT, change));
        return answer.whenComplete((result, failure) -> waitingBytes.addAndGet(-bytes));
    }

    @Override
    public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
        String pk = pk(partition);
        StateLimits.checkLimit(limit);
        if (closed) {
            return CompletableFuture.failedFuture(isClosed());
        }
        return calls.ask("a partition of state records", () -> page(pk, prefix, after, limit));
    }

    private StatePage page(String pk, String prefix, String after, int limit) {
        List<StateRecord> records = new ArrayList<>();
        byte[] first = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] last = after.getBytes(StandardCharsets.UTF_8);
        boolean isFromFront = Arrays.compareUnsigned(last, first) < 0 || after.isEmpty();
        if (first.length > StateLimits.NAME_BYTES || (!isFromFront && !after.startsWith(prefix))) {
            return new StatePage(records, true);
        }
        long nowMs = clock.millis();
        int bytes = 0;
        int rows = Math.min(limit, MAX_ROWS - 1) + 1;
        Map<String, AttributeValue> from = isFromFront ? Map.of() : StateItem.key(pk, start(last));
        do {
            QueryResponse found = query(pk, prefix, from, rows, nowMs);
            for (Map<String, AttributeValue> row : found.items()) {
                StateRecord record = record(row);
                bytes += record.sizeBytes();
                if (records.size() == limit || bytes > PAGE_BYTES) {
                    return new StatePage(records, false);
                }
                records.add(record);
            }
            from = found.lastEvaluatedKey();
            rows = Math.min(rows * MORE_ROWS, MAX_ROWS);
        } while (!from.isEmpty());
        return new StatePage(records, true);
    }

    private QueryResponse query(String pk, String prefix, Map<String, AttributeValue> from, int rows, long nowMs) {
        Map<String, AttributeValue> values = new HashMap<>();
        values.put(":pk", AttributeValue.fromS(pk));
        values.put(":now", number(nowMs));
        if (!prefix.isEmpty()) {
            values.put(":prefix", AttributeValue.fromS(prefix));
        }
        return table.client()
                .query(query -> query.tableName(table.name())
                        .keyConditionExpression("pk = :pk" + (prefix.isEmpty() ? "" : " AND begins_with(sk, :prefix)"))
                        .filterExpression("attribute_not_exists(e) OR e > :now")
                        .expressionAttributeValues(values)
                        .exclusiveStartKey(from.isEmpty() ? null : from)
                        .limit(rows)
                        .consistentRead(true));
    }

    private static StateRecord record(Map<String, AttributeValue> row) {
        StateItem item = StateItem.of(row);
        AttributeValue key = row.get(DynamoTable.SK);
        if (item == null || key == null) {
            throw new IllegalStateException("a row of a state record has no key");
        }
        return item.record(key.s());
    }

    /// Where a scan begins. No key is longer than 512 bytes, so what comes later makes no difference, and may be
    /// more than DynamoDB takes.
    private static String start(byte[] after) {
        return new String(after, 0, Math.min(after.length, StateLimits.NAME_BYTES + 4), StandardCharsets.UTF_8);
    }

    private String pk(String partition) {
        StateLimits.name(partition);
        return kind + partition;
    }

    private static LogUnavailableException isClosed() {
        return new LogUnavailableException("the store is closed");
    }

    /// Takes no more calls. What was taken is still answered; nothing waits.
    @Override
    public void close() {
        closed = true;
    }

    /// How many records have changes that wait or are under way.
    int changing() {
        return changes.size();
    }

    /// What these hold, in bytes.
    long waitingBytes() {
        return waitingBytes.get();
    }
}
