package io.topicstream.aws.dynamo;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttribute;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/// The part of [DynamoFaults] that leaves items of batches to be done: it sends the first ones alone, and answers
/// with the others.
final class CutBatches implements ExecutionInterceptor {
    private static final ExecutionAttribute<Map<String, List<WriteRequest>>> LEFT_WRITES =
            new ExecutionAttribute<>("io.topicstream.leftWrites");
    private static final ExecutionAttribute<Map<String, KeysAndAttributes>> LEFT_KEYS =
            new ExecutionAttribute<>("io.topicstream.leftKeys");

    private final DynamoFaults faults;

    CutBatches(DynamoFaults faults) {
        this.faults = faults;
    }

    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
        return switch (context.request()) {
            case BatchWriteItemRequest write -> cut(write, attributes);
            case BatchGetItemRequest get -> cut(get, attributes);
            case SdkRequest other -> other;
        };
    }

    private SdkRequest cut(BatchWriteItemRequest write, ExecutionAttributes attributes) {
        int items = write.requestItems().values().stream().mapToInt(List::size).sum();
        Integer done = faults.cutBatch(items);
        if (done == null) {
            return write;
        }
        Map<String, List<WriteRequest>> sent = new HashMap<>();
        Map<String, List<WriteRequest>> left = new HashMap<>();
        split(write.requestItems(), done, sent, left);
        attributes.putAttribute(LEFT_WRITES, left);
        return write.toBuilder().requestItems(sent).build();
    }

    private SdkRequest cut(BatchGetItemRequest get, ExecutionAttributes attributes) {
        Map<String, List<Map<String, AttributeValue>>> all = new HashMap<>();
        get.requestItems().forEach((table, keys) -> all.put(table, keys.keys()));
        Integer done =
                faults.cutBatch(all.values().stream().mapToInt(List::size).sum());
        if (done == null) {
            return get;
        }
        Map<String, List<Map<String, AttributeValue>>> sent = new HashMap<>();
        Map<String, List<Map<String, AttributeValue>>> left = new HashMap<>();
        split(all, done, sent, left);
        attributes.putAttribute(LEFT_KEYS, withKeys(get, left));
        return get.toBuilder().requestItems(withKeys(get, sent)).build();
    }

    private static Map<String, KeysAndAttributes> withKeys(
            BatchGetItemRequest get, Map<String, List<Map<String, AttributeValue>>> keys) {
        Map<String, KeysAndAttributes> all = new HashMap<>();
        get.requestItems().forEach((table, before) -> {
            List<Map<String, AttributeValue>> some = keys.get(table);
            if (some != null) {
                all.put(table, before.toBuilder().keys(some).build());
            }
        });
        return all;
    }

    private static <T> void split(
            Map<String, List<T>> all, int done, Map<String, List<T>> sent, Map<String, List<T>> left) {
        int seen = 0;
        for (Map.Entry<String, List<T>> table : all.entrySet()) {
            for (T item : table.getValue()) {
                (seen++ < done ? sent : left)
                        .computeIfAbsent(table.getKey(), name -> new ArrayList<>())
                        .add(item);
            }
        }
    }

    @Override
    public SdkResponse modifyResponse(Context.ModifyResponse context, ExecutionAttributes attributes) {
        @Nullable Map<String, List<WriteRequest>> writes = attributes.getAttribute(LEFT_WRITES);
        @Nullable Map<String, KeysAndAttributes> keys = attributes.getAttribute(LEFT_KEYS);
        return switch (context.response()) {
            case BatchWriteItemResponse answer
            when writes != null -> answer.toBuilder().unprocessedItems(writes).build();
            case BatchGetItemResponse answer
            when keys != null -> answer.toBuilder().unprocessedKeys(keys).build();
            case SdkResponse other -> other;
        };
    }
}
