package io.topicstream.aws.metering;

import io.topicstream.aws.cost.Billable;
import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.cost.Units;
import io.topicstream.aws.cost.Units.Consistency;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.core.SdkRequest;
import software.amazon.awssdk.core.SdkResponse;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.ConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemRequest;
import software.amazon.awssdk.services.dynamodb.model.DeleteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.GetItemRequest;
import software.amazon.awssdk.services.dynamodb.model.GetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.PutItemRequest;
import software.amazon.awssdk.services.dynamodb.model.PutItemResponse;
import software.amazon.awssdk.services.dynamodb.model.QueryRequest;
import software.amazon.awssdk.services.dynamodb.model.QueryResponse;
import software.amazon.awssdk.services.dynamodb.model.ReturnConsumedCapacity;
import software.amazon.awssdk.services.dynamodb.model.ReturnValuesOnConditionCheckFailure;
import software.amazon.awssdk.services.dynamodb.model.ScanRequest;
import software.amazon.awssdk.services.dynamodb.model.ScanResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactGetItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactGetItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsRequest;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItemsResponse;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemRequest;
import software.amazon.awssdk.services.dynamodb.model.UpdateItemResponse;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/// Counts the read and write units of a client of DynamoDB.
///
/// What is answered is billed as the service says: each call is told to ask for it. That alone is right for an update,
/// of whose row a client does not know the size. What is refused has no such figure, though it is billed: then the
/// row that stood in the way counts, and each call is told to ask for that too. What nobody answers counts by the
/// size of what was sent.
public final class DynamoMetering extends Metering {
    private static final int REFUSALS = 400;
    private static final int FAILURES = 500;
    private static final String CONDITION_FAILED = "ConditionalCheckFailed";

    public DynamoMetering(Meter meter) {
        super(meter, "DynamoDB");
    }

    @Override
    public SdkRequest modifyRequest(Context.ModifyRequest context, ExecutionAttributes attributes) {
        ReturnConsumedCapacity total = ReturnConsumedCapacity.TOTAL;
        ReturnValuesOnConditionCheckFailure old = ReturnValuesOnConditionCheckFailure.ALL_OLD;
        return switch (context.request()) {
            case PutItemRequest put ->
                put.toBuilder()
                        .returnConsumedCapacity(total)
                        .returnValuesOnConditionCheckFailure(old)
                        .build();
            case UpdateItemRequest update ->
                update.toBuilder()
                        .returnConsumedCapacity(total)
                        .returnValuesOnConditionCheckFailure(old)
                        .build();
            case DeleteItemRequest delete ->
                delete.toBuilder()
                        .returnConsumedCapacity(total)
                        .returnValuesOnConditionCheckFailure(old)
                        .build();
            case GetItemRequest get ->
                get.toBuilder().returnConsumedCapacity(total).build();
            case QueryRequest query ->
                query.toBuilder().returnConsumedCapacity(total).build();
            case ScanRequest scan ->
                scan.toBuilder().returnConsumedCapacity(total).build();
            case BatchGetItemRequest get ->
                get.toBuilder().returnConsumedCapacity(total).build();
            case BatchWriteItemRequest write ->
                write.toBuilder().returnConsumedCapacity(total).build();
            case TransactGetItemsRequest get ->
                get.toBuilder().returnConsumedCapacity(total).build();
            case TransactWriteItemsRequest write ->
                write.toBuilder().returnConsumedCapacity(total).build();
            case SdkRequest other -> other;
        };
    }

    /// A failure of the service may come after it was done. A refusal for a condition is billed too: see [#refused].
    @Override
    boolean isBilled(int status) {
        return status < REFUSALS || status >= FAILURES;
    }

    @Override
    Units answered(String operation, SdkRequest request, SdkResponse response) {
        return switch (response) {
            case PutItemResponse put -> writes(put.consumedCapacity(), request);
            case UpdateItemResponse update -> writes(update.consumedCapacity(), request);
            case DeleteItemResponse delete -> writes(delete.consumedCapacity(), request);
            case BatchWriteItemResponse write -> writes(write.consumedCapacity(), request);
            case TransactWriteItemsResponse write -> writes(write.consumedCapacity(), request);
            case GetItemResponse get -> reads(get.consumedCapacity(), request);
            case QueryResponse query -> reads(query.consumedCapacity(), request);
            case ScanResponse scan -> reads(scan.consumedCapacity(), request);
            case BatchGetItemResponse get -> reads(get.consumedCapacity(), request);
            case TransactGetItemsResponse get -> reads(get.consumedCapacity(), request);
            case SdkResponse _ -> Units.NONE;
        };
    }

    private static Units writes(@Nullable ConsumedCapacity consumed, SdkRequest request) {
        return writes(consumed == null ? List.of() : List.of(consumed), request);
    }

    /// @param consumed of each table; none where the service does not say, as some stand-ins do not
    private static Units writes(List<ConsumedCapacity> consumed, SdkRequest request) {
        return consumed.isEmpty() ? sent(request) : Units.of(Billable.WRITE_UNITS, Math.round(capacity(consumed)));
    }

    private static Units reads(@Nullable ConsumedCapacity consumed, SdkRequest request) {
        return reads(consumed == null ? List.of() : List.of(consumed), request);
    }

    private static Units reads(List<ConsumedCapacity> consumed, SdkRequest request) {
        return consumed.isEmpty() ? sent(request) : Units.of(Billable.READ_HALVES, Math.round(2 * capacity(consumed)));
    }

    private static double capacity(List<ConsumedCapacity> consumed) {
        return consumed.stream().mapToDouble(ConsumedCapacity::capacityUnits).sum();
    }

    @Override
    Units refused(SdkRequest request, Throwable failure) {
        return switch (failure) {
            case ConditionalCheckFailedException refusal -> Units.refusedWrite(ItemSize.of(refusal.item()));
            case TransactionCanceledException canceled
            when request instanceof TransactWriteItemsRequest write
                    && canceled.cancellationReasons().stream()
                            .anyMatch(reason -> CONDITION_FAILED.equals(reason.code())) ->
                canceled(write.transactItems(), canceled.cancellationReasons());
            case Throwable _ -> Units.NONE;
        };
    }

    /// All of it is billed, though nothing was written: for each action what was sent, or what stood there.
    private static Units canceled(List<TransactWriteItem> actions, List<CancellationReason> reasons) {
        Units units = Units.NONE;
        for (int i = 0; i < actions.size(); i++) {
            long there = i < reasons.size() ? ItemSize.of(reasons.get(i).item()) : 0;
            units = units.plus(Units.transactionWrite(Math.max(there, sent(actions.get(i)))));
        }
        return units;
    }

    @Override
    Units failed(String operation, SdkRequest request, Throwable failure) {
        // What an attempt before had written stands in the way of the last one.
        return failure instanceof ConditionalCheckFailedException ? refused(request, failure) : sent(request);
    }

    /// What a call costs at least, by what is sent.
    private static Units sent(SdkRequest request) {
        return switch (request) {
            case PutItemRequest put -> Units.write(ItemSize.of(put.item()));
            case UpdateItemRequest update ->
                Units.write(ItemSize.of(update.key()) + ItemSize.of(update.expressionAttributeValues()));
            case DeleteItemRequest delete -> Units.write(ItemSize.of(delete.key()));
            case BatchWriteItemRequest write ->
                write.requestItems().values().stream()
                        .flatMap(List::stream)
                        .map(DynamoMetering::sent)
                        .reduce(Units.NONE, Units::plus);
            case TransactWriteItemsRequest write ->
                write.transactItems().stream()
                        .map(action -> Units.transactionWrite(sent(action)))
                        .reduce(Units.NONE, Units::plus);
            case GetItemRequest get -> Units.read(0, consistency(get.consistentRead()));
            case QueryRequest query -> Units.read(0, consistency(query.consistentRead()));
            case ScanRequest scan -> Units.read(0, consistency(scan.consistentRead()));
            case BatchGetItemRequest get ->
                get.requestItems().values().stream().map(DynamoMetering::sent).reduce(Units.NONE, Units::plus);
            case TransactGetItemsRequest get ->
                Units.read(0, Consistency.TRANSACTION).times(get.transactItems().size());
            case SdkRequest _ -> Units.NONE;
        };
    }

    private static Units sent(WriteRequest write) {
        return write.putRequest() == null
                ? Units.write(ItemSize.of(write.deleteRequest().key()))
                : Units.write(ItemSize.of(write.putRequest().item()));
    }

    private static Units sent(KeysAndAttributes keys) {
        return Units.read(0, consistency(keys.consistentRead()))
                .times(keys.keys().size());
    }

    private static long sent(TransactWriteItem action) {
        if (action.put() != null) {
            return ItemSize.of(action.put().item());
        }
        if (action.update() != null) {
            Map<String, AttributeValue> values = action.update().expressionAttributeValues();
            return ItemSize.of(action.update().key()) + ItemSize.of(values);
        }
        return ItemSize.of(
                action.delete() == null
                        ? action.conditionCheck().key()
                        : action.delete().key());
    }

    private static Consistency consistency(Boolean isStrong) {
        return Boolean.TRUE.equals(isStrong) ? Consistency.STRONG : Consistency.EVENTUAL;
    }
}
