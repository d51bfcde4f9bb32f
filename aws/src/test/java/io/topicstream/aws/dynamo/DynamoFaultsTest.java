package io.topicstream.aws.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.dynamo.DynamoFaults.Fault;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.BatchGetItemResponse;
import software.amazon.awssdk.services.dynamodb.model.BatchWriteItemResponse;
import software.amazon.awssdk.services.dynamodb.model.CancellationReason;
import software.amazon.awssdk.services.dynamodb.model.DynamoDbException;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.ProvisionedThroughputExceededException;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/// The SDK takes the faults that tests make as it would take those of the service.
class DynamoFaultsTest {
    private final DynamoFaults faults = DynamoFaults.planned();
    private final DynamoTable table = Dynoxide.get().table(faults);

    @AfterEach
    void close() {
        table.client().close();
    }

    private void put(String key) {
        table.client().putItem(put -> put.tableName(table.name()).item(StateItem.key("p", key)));
    }

    private List<String> keys() {
        return table
                .client()
                .query(query -> query.tableName(table.name())
                        .keyConditionExpression("pk = :p")
                        .expressionAttributeValues(Map.of(":p", AttributeValue.fromS("p")))
                        .consistentRead(true))
                .items()
                .stream()
                .map(item -> item.get("sk").s())
                .toList();
    }

    @Test
    void throttlingIsTriedAgainUntilItLastsTooLong() {
        faults.next(Fault.THROTTLED_TABLE, Fault.THROTTLED_ACCOUNT, Fault.FAILED);
        put("a");
        assertThat(faults.tries()).isEqualTo(4);

        Fault[] all = new Fault[Dynoxide.TRIES];
        java.util.Arrays.fill(all, Fault.THROTTLED_TABLE);
        faults.next(all);
        assertThatThrownBy(() -> put("b")).isInstanceOf(ProvisionedThroughputExceededException.class);
        java.util.Arrays.fill(all, Fault.THROTTLED_ACCOUNT);
        faults.next(all);
        assertThatThrownBy(() -> put("b"))
                .isInstanceOfSatisfying(
                        DynamoDbException.class,
                        e -> assertThat(e.isThrottlingException()).isTrue());
        assertThat(keys()).containsExactly("a");
    }

    @Test
    void aLostAnswerIsOfACallThatWasDoneAndALostRequestIsNot() {
        Fault[] all = new Fault[Dynoxide.TRIES];
        java.util.Arrays.fill(all, Fault.LOST_ANSWER);
        faults.next(all);
        assertThatThrownBy(() -> put("a")).isInstanceOf(SdkClientException.class);
        java.util.Arrays.fill(all, Fault.LOST_REQUEST);
        faults.next(all);
        assertThatThrownBy(() -> put("b")).isInstanceOf(SdkClientException.class);
        java.util.Arrays.fill(all, Fault.DELAYED);
        faults.next(all);
        assertThatThrownBy(() -> put("c")).isInstanceOf(SdkClientException.class);

        assertThat(keys()).containsExactly("a");
        faults.deliverLate();
        assertThat(keys()).containsExactly("a", "c");
    }

    @Test
    void aConflictCancelsATransactionWithAReasonForEachItem() {
        TransactWriteItem first = TransactWriteItem.builder()
                .put(Put.builder()
                        .tableName(table.name())
                        .item(StateItem.key("p", "a"))
                        .build())
                .build();
        TransactWriteItem second = TransactWriteItem.builder()
                .put(Put.builder()
                        .tableName(table.name())
                        .item(StateItem.key("p", "b"))
                        .build())
                .build();
        faults.next(Fault.CONFLICT);

        assertThatThrownBy(() -> table.client().transactWriteItems(write -> write.transactItems(first, second)))
                .isInstanceOfSatisfying(
                        TransactionCanceledException.class,
                        e -> assertThat(e.cancellationReasons())
                                .extracting(CancellationReason::code)
                                .containsExactly("TransactionConflict", "None"));

        assertThat(keys()).isEmpty();
        table.client().transactWriteItems(write -> write.transactItems(first, second));
        assertThat(keys()).containsExactly("a", "b");
    }

    @Test
    void aBatchThatIsCutSaysWhatIsLeft() {
        List<WriteRequest> writes = new ArrayList<>();
        for (int i = 0; i < 25; i++) {
            Map<String, AttributeValue> item = StateItem.key("p", "k-%02d".formatted(i));
            writes.add(WriteRequest.builder().putRequest(put -> put.item(item)).build());
        }
        faults.next(Fault.UNPROCESSED);
        BatchWriteItemResponse written =
                table.client().batchWriteItem(batch -> batch.requestItems(Map.of(table.name(), writes)));

        List<WriteRequest> left = written.unprocessedItems().get(table.name());
        assertThat(left).isNotEmpty().hasSizeLessThan(25);
        assertThat(keys()).hasSize(25 - left.size());
        assertThat(table.client()
                        .batchWriteItem(batch -> batch.requestItems(written.unprocessedItems()))
                        .hasUnprocessedItems())
                .isTrue();
        assertThat(keys()).hasSize(25);

        faults.next(Fault.UNPROCESSED);
        KeysAndAttributes keys = KeysAndAttributes.builder()
                .keys(List.of(StateItem.key("p", "k-00"), StateItem.key("p", "k-01"), StateItem.key("p", "k-02")))
                .consistentRead(true)
                .build();
        BatchGetItemResponse found =
                table.client().batchGetItem(batch -> batch.requestItems(Map.of(table.name(), keys)));
        KeysAndAttributes rest = found.unprocessedKeys().get(table.name());
        assertThat(rest.consistentRead()).isTrue();
        assertThat(found.responses().get(table.name())).hasSize(3 - rest.keys().size());
        assertThat(rest.keys()).isNotEmpty();
    }

    @Test
    void theSameSeedMakesTheSameFaults() {
        assertThat(faultsOfASeed(7)).isEqualTo(faultsOfASeed(7)).isNotEqualTo(faultsOfASeed(8));
    }

    private List<Integer> faultsOfASeed(long seed) {
        DynamoFaults random =
                DynamoFaults.random(seed, 0.3, EnumSet.of(Fault.THROTTLED_TABLE, Fault.LOST_ANSWER, Fault.FAILED));
        DynamoTable shaky = Dynoxide.get().table(random);
        List<Integer> tries = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            shaky.client().putItem(put -> put.tableName(shaky.name()).item(StateItem.key("p", "k")));
            tries.add(random.tries());
        }
        shaky.client().close();
        return tries;
    }
}
