package io.topicstream.aws.dynamo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.aws.cost.Billable;
import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.cost.Units;
import io.topicstream.aws.dynamo.DynamoFaults.Fault;
import io.topicstream.aws.metering.DynamoMetering;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;
import software.amazon.awssdk.services.dynamodb.model.Get;
import software.amazon.awssdk.services.dynamodb.model.KeysAndAttributes;
import software.amazon.awssdk.services.dynamodb.model.Put;
import software.amazon.awssdk.services.dynamodb.model.TransactGetItem;
import software.amazon.awssdk.services.dynamodb.model.TransactWriteItem;
import software.amazon.awssdk.services.dynamodb.model.TransactionCanceledException;
import software.amazon.awssdk.services.dynamodb.model.WriteRequest;

/// What each kind of call is metered at, with sizes at the edges of the steps.
@Timeout(120)
class DynamoMeteringTest {
    private static final Map<String, AttributeValue> ONE = Map.of(":one", AttributeValue.fromN("1"));

    private final Meter meter = new Meter();
    private final DynamoFaults faults = DynamoFaults.planned();
    private final DynamoDbClient client = Dynoxide.get().newClient(faults, new DynamoMetering(meter));
    private final String table = Dynoxide.get().table().name();

    @AfterEach
    void close() {
        client.close();
    }

    private interface Step {
        void take();
    }

    private Units metered(Step step) {
        meter.restart();
        step.take();
        return meter.units();
    }

    private static Units writes(long units) {
        return Units.of(Billable.WRITE_UNITS, units);
    }

    private static Units halves(long units) {
        return Units.of(Billable.READ_HALVES, units);
    }

    private static Map<String, AttributeValue> key(String sk) {
        return Map.of("pk", AttributeValue.fromS("p"), "sk", AttributeValue.fromS(sk));
    }

    /// Of so many bytes, for a key of one letter.
    private static Map<String, AttributeValue> item(String sk, int bytes) {
        Map<String, AttributeValue> item = new HashMap<>(key(sk));
        item.put("b", AttributeValue.fromB(SdkBytes.fromByteArray(new byte[bytes - 7])));
        return item;
    }

    private void put(String sk, int bytes) {
        client.putItem(put -> put.tableName(table).item(item(sk, bytes)));
    }

    private void putIfAbsent(String sk, int bytes) {
        client.putItem(
                put -> put.tableName(table).item(item(sk, bytes)).conditionExpression("attribute_not_exists(pk)"));
    }

    @Test
    void aPutIsTheLargerOfBeforeAndAfter() {
        assertThat(metered(() -> put("a", 1_024))).isEqualTo(writes(1));
        assertThat(metered(() -> put("a", 1_025))).isEqualTo(writes(2));
        assertThat(metered(() -> put("a", 20))).isEqualTo(writes(2));
    }

    @Test
    void anUpdateIsAsLargeAsTheRowThoughLittleIsSent() {
        put("a", 3_000);

        assertThat(metered(() -> client.updateItem(update -> update.tableName(table)
                        .key(key("a"))
                        .updateExpression("SET n = :one")
                        .expressionAttributeValues(ONE))))
                .isEqualTo(writes(3));
    }

    @Test
    void aDeleteIsWhatWasThereAndNothingIsOne() {
        put("a", 2_049);

        assertThat(metered(() ->
                        client.deleteItem(delete -> delete.tableName(table).key(key("a")))))
                .isEqualTo(writes(3));
        assertThat(metered(() ->
                        client.deleteItem(delete -> delete.tableName(table).key(key("a")))))
                .isEqualTo(writes(1));
    }

    @Test
    void aRefusedWriteIsWhatStoodInItsWay() {
        put("a", 2_500);

        assertThat(metered(() -> assertThatThrownBy(() -> putIfAbsent("a", 5_000))
                        .isInstanceOf(ConditionalCheckFailedException.class)))
                .isEqualTo(writes(3));
        assertThat(metered(() -> assertThatThrownBy(() -> client.updateItem(update -> update.tableName(table)
                                .key(key("a"))
                                .updateExpression("SET n = :one")
                                .conditionExpression("n = :one")
                                .expressionAttributeValues(ONE)))
                        .isInstanceOf(ConditionalCheckFailedException.class)))
                .isEqualTo(writes(3));
        assertThat(metered(() -> assertThatThrownBy(() -> client.deleteItem(delete ->
                                delete.tableName(table).key(key("none")).conditionExpression("attribute_exists(pk)")))
                        .isInstanceOf(ConditionalCheckFailedException.class)))
                .as("nothing stood there")
                .isEqualTo(writes(1));
    }

    @Test
    void aGetIsAStepAtLeastAndHalfOfItIfItMayBeOld() {
        put("a", 4_097);

        assertThat(metered(() ->
                        client.getItem(get -> get.tableName(table).key(key("a")).consistentRead(true))))
                .isEqualTo(halves(4));
        assertThat(metered(() -> client.getItem(get -> get.tableName(table).key(key("a")))))
                .isEqualTo(halves(2));
        assertThat(metered(() -> client.getItem(get -> get.tableName(table).key(key("none")))))
                .isEqualTo(halves(1));
    }

    @Test
    void aQueryIsTheSumOfItsRowsThenRounded() {
        for (String sk : List.of("a", "b", "c", "d", "e")) {
            put(sk, 1_000);
        }
        Map<String, AttributeValue> partition = Map.of(":p", AttributeValue.fromS("p"));
        Map<String, AttributeValue> nobody = Map.of(":p", AttributeValue.fromS("nobody"));

        assertThat(metered(() -> client.query(query -> query.tableName(table)
                        .keyConditionExpression("pk = :p")
                        .expressionAttributeValues(partition)
                        .consistentRead(true))))
                .as("5,000 bytes")
                .isEqualTo(halves(4));
        assertThat(metered(() -> client.query(query -> query.tableName(table)
                        .keyConditionExpression("pk = :p")
                        .expressionAttributeValues(partition)
                        .limit(4))))
                .as("4,000 bytes")
                .isEqualTo(halves(1));
        assertThat(metered(() -> client.query(query -> query.tableName(table)
                        .keyConditionExpression("pk = :p")
                        .expressionAttributeValues(nobody)
                        .consistentRead(true))))
                .as("nothing")
                .isEqualTo(halves(2));
        assertThat(metered(() -> client.scan(scan -> scan.tableName(table)))).isEqualTo(halves(2));
    }

    @Test
    void aBatchIsRoundedItemByItem() {
        assertThat(metered(() -> client.batchWriteItem(write -> write.requestItems(
                        Map.of(table, List.of(writeOf("a", 100), writeOf("b", 1_100), writeOf("c", 1_024)))))))
                .isEqualTo(writes(4));
        assertThat(metered(() -> client.batchGetItem(get -> get.requestItems(Map.of(
                        table,
                        KeysAndAttributes.builder()
                                .keys(List.of(key("a"), key("b"), key("none")))
                                .consistentRead(true)
                                .build())))))
                .isEqualTo(halves(6));
    }

    private static WriteRequest writeOf(String sk, int bytes) {
        return WriteRequest.builder()
                .putRequest(put -> put.item(item(sk, bytes)))
                .build();
    }

    private TransactWriteItem action(String sk, int bytes) {
        return TransactWriteItem.builder()
                .put(Put.builder()
                        .tableName(table)
                        .item(item(sk, bytes))
                        .conditionExpression("attribute_not_exists(pk)")
                        .build())
                .build();
    }

    @Test
    void aTransactionCostsTwiceAlsoWhereItIsCanceled() {
        List<TransactWriteItem> actions = List.of(action("a", 100), action("b", 1_025));

        assertThat(metered(() -> client.transactWriteItems(write -> write.transactItems(actions))))
                .isEqualTo(writes(6));
        assertThat(metered(
                        () -> assertThatThrownBy(() -> client.transactWriteItems(write -> write.transactItems(actions)))
                                .isInstanceOf(TransactionCanceledException.class)))
                .isEqualTo(writes(6));
        assertThat(metered(() -> client.transactGetItems(get -> get.transactItems(TransactGetItem.builder()
                        .get(Get.builder().tableName(table).key(key("a")).build())
                        .build()))))
                .isEqualTo(halves(4));
    }

    @Test
    void anAttemptCountsThatMayHaveBeenDone() {
        faults.next(Fault.LOST_ANSWER, Fault.FAILED);
        assertThat(metered(() -> put("a", 1_500))).as("three attempts").isEqualTo(writes(6));

        faults.next(Fault.THROTTLED_TABLE, Fault.THROTTLED_ACCOUNT);
        assertThat(metered(() -> put("a", 1_500)))
                .as("the refused ones are free")
                .isEqualTo(writes(2));

        faults.next(Fault.LOST_ANSWER);
        assertThat(metered(() -> assertThatThrownBy(() -> putIfAbsent("b", 2_500))
                        .isInstanceOf(ConditionalCheckFailedException.class)))
                .as("done, then refused by what was done")
                .isEqualTo(writes(6));

        faults.next(Fault.LOST_ANSWER);
        assertThat(metered(() ->
                        client.getItem(get -> get.tableName(table).key(key("b")).consistentRead(true))))
                .isEqualTo(halves(4));
    }

    @Test
    void whatNobodyAnswersCountsByWhatWasSent() {
        Fault[] all = new Fault[Dynoxide.TRIES];
        java.util.Arrays.fill(all, Fault.LOST_REQUEST);
        faults.next(all);
        assertThat(metered(() -> assertThatThrownBy(() -> put("a", 1_500)).isInstanceOf(SdkException.class)))
                .isEqualTo(writes(2 * Dynoxide.TRIES));

        java.util.Arrays.fill(all, Fault.THROTTLED_TABLE);
        faults.next(all);
        assertThat(metered(() -> assertThatThrownBy(() -> put("a", 1_500)).isInstanceOf(SdkException.class)))
                .isEqualTo(Units.NONE);
    }

    @Test
    void whatIsLeftOfABatchIsNotBilled() {
        faults.next(Fault.UNPROCESSED);
        Units units = metered(() -> client.batchWriteItem(write ->
                write.requestItems(Map.of(table, List.of(writeOf("a", 1_024), writeOf("b", 1_024))))));

        assertThat(units).isEqualTo(writes(1));
    }
}
