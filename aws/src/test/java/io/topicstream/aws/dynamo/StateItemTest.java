package io.topicstream.aws.dynamo;

import static io.topicstream.state.StateStore.ABSENT;
import static io.topicstream.state.StateStore.ANY_VERSION;
import static io.topicstream.state.StateStore.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.testkit.ManualClock;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// How records stand in the table, and when DynamoDB may delete their rows.
class StateItemTest {
    private final ManualClock clock = new ManualClock();
    private final Calls calls = new Calls();
    private final DynamoTable table = Dynoxide.get().table();
    private final DynamoStateStore durable = DynamoStateStore.durable(table, clock, calls);
    private final DynamoStateStore ofNodes = DynamoStateStore.ofNodes(table, clock, calls);

    @AfterEach
    void close() {
        calls.close();
    }

    private static <T> T get(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }

    private Map<String, AttributeValue> row(String pk, String key) {
        return table.client()
                .getItem(get ->
                        get.tableName(table.name()).key(StateItem.key(pk, key)).consistentRead(true))
                .item();
    }

    @Test
    void aRecordThatNeverExpiresHasARowThatNeverEnds() {
        long version = get(durable.put("p", "k", new byte[] {1, 2}, ABSENT, NEVER));

        Map<String, AttributeValue> row = row("S#p", "k");
        assertThat(row).containsOnlyKeys("pk", "sk", "u", "v", "m", "d");
        assertThat(row.get("v").n()).isEqualTo(Long.toString(version));
        assertThat(row.get("m").b().asByteArray()).hasSize(8);
        assertThat(row.get("d").b().asByteArray()).containsExactly(1, 2);
        assertThat(version).as("whole in JSON").isLessThan(1L << 53);
    }

    @Test
    void aRowOutlivesItsRecordByAnHour() {
        long expiresAtMs = clock.millis() / 1000 * 1000 + 5_001;
        get(ofNodes.put("p", "k", new byte[0], ABSENT, expiresAtMs));

        Map<String, AttributeValue> row = row("V#p", "k");
        assertThat(row.get("e").n()).isEqualTo(Long.toString(expiresAtMs));
        assertThat(row.get("x").n()).isEqualTo(Long.toString(expiresAtMs / 1000 + 1 + 3600));
    }

    @Test
    void aRowOfWhatExpiredLongAgoEndsAnHourFromNow() {
        long nowS = Math.ceilDiv(clock.millis(), 1000);
        get(durable.put("p", "k", new byte[0], ABSENT, 1));

        assertThat(row("S#p", "k").get("x").n()).isEqualTo(Long.toString(nowS + 3600));
    }

    @Test
    void aDeletedRecordLeavesItsVersionForAnHour() {
        long version = get(durable.put("p", "k", new byte[1000], ABSENT, NEVER));
        get(durable.delete("p", "k", ANY_VERSION));

        Map<String, AttributeValue> row = row("S#p", "k");
        assertThat(row).containsOnlyKeys("pk", "sk", "u", "v", "m", "e", "x");
        assertThat(Long.parseLong(row.get("v").n())).isGreaterThan(version);
        assertThat(row.get("x").n()).isEqualTo(Long.toString(Math.ceilDiv(clock.millis(), 1000) + 3600));
        assertThat(get(durable.advance("p", "k", 1))).isEqualTo(1);
        assertThat(row("S#p", "k")).as("it lives again").doesNotContainKeys("e", "x");
    }

    @Test
    void theTwoStoresOfATableDoNotTouch() {
        long version = get(durable.put("p", "k", new byte[] {1}, ABSENT, NEVER));
        get(ofNodes.put("p", "k", new byte[] {2}, ABSENT, NEVER));
        get(ofNodes.put("p", "l", new byte[] {3}, ABSENT, NEVER));
        get(ofNodes.delete("p", "k", ANY_VERSION));

        assertThat(get(durable.get("p", "k")).version()).isEqualTo(version);
        assertThat(get(durable.scan("p", "", "", 10)).records()).hasSize(1);
        assertThat(get(ofNodes.scan("p", "", "", 10)).records()).hasSize(1);
    }

    @Test
    void aScanMayBeginAfterAnyText() {
        get(durable.put("p", "k", new byte[0], ABSENT, NEVER));

        assertThat(get(durable.scan("p", "", "a".repeat(5_000), 10)).records()).hasSize(1);
        assertThat(get(durable.scan("p", "", "é".repeat(5_000), 10)).records()).isEmpty();
        assertThat(get(durable.scan("p", "k", "k\0", 10)).records()).isEmpty();
        assertThat(get(durable.scan("p", "k".repeat(5_000), "", 10)).records()).isEmpty();
    }
}
