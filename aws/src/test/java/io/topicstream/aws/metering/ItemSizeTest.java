package io.topicstream.aws.metering;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.cost.Meter;
import io.topicstream.aws.cost.Units;
import io.topicstream.aws.cost.Units.Consistency;
import io.topicstream.aws.dynamo.DynamoTable;
import io.topicstream.aws.dynamo.Dynoxide;
import io.topicstream.testkit.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;

/// How large an item is, by the rules of the developer guide, and as the stand-in has it.
@Timeout(120)
class ItemSizeTest {
    private static long of(AttributeValue value) {
        return ItemSize.of(Map.of("a", value)) - 1;
    }

    @Test
    void aTextIsItsBytesAndSoIsAName() {
        assertThat(ItemSize.of(Map.of())).isZero();
        assertThat(ItemSize.of(Map.of("näme", AttributeValue.fromS("abc")))).isEqualTo(8);
        assertThat(of(AttributeValue.fromS("€"))).isEqualTo(3);
        assertThat(of(AttributeValue.fromB(SdkBytes.fromByteArray(new byte[100]))))
                .isEqualTo(100);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 2", "12, 2", "123, 3", "1000, 2", "0.001, 2", "1764316800, 5", "-12, 3", "-123, 4"})
    void aNumberIsAByteForTwoDigitsAndOneMore(String number, long bytes) {
        assertThat(of(AttributeValue.fromN(number))).isEqualTo(bytes);
    }

    @Test
    void listsAndMapsHaveThreeBytesAndOneForEachElement() {
        AttributeValue ab = AttributeValue.fromS("ab");

        assertThat(of(AttributeValue.fromBool(true))).isEqualTo(1);
        assertThat(of(AttributeValue.fromNul(true))).isEqualTo(1);
        assertThat(of(AttributeValue.fromL(List.of()))).isEqualTo(3);
        assertThat(of(AttributeValue.fromL(List.of(ab, ab)))).isEqualTo(3 + 2 * 3);
        assertThat(of(AttributeValue.fromM(Map.of("key", ab)))).isEqualTo(3 + 3 + 1 + 2);
        assertThat(of(AttributeValue.fromSs(List.of("a", "bc")))).isEqualTo(3);
        assertThat(of(AttributeValue.fromNs(List.of("1", "123")))).isEqualTo(5);
        assertThat(of(AttributeValue.fromBs(List.of(SdkBytes.fromUtf8String("abc")))))
                .isEqualTo(3);
    }

    /// Just at the steps of writes and reads, one way is as good as the other.
    @Test
    void theServiceBillsWhatIsComputed() {
        Meter meter = new Meter();
        Random random = new Random(Seeds.next("items at the steps"));
        DynamoTable table = Dynoxide.get().table();
        List<String> wrong = new ArrayList<>();
        try (DynamoDbClient client = Dynoxide.get().newClient(new DynamoMetering(meter))) {
            for (int i = 0; i < 120; i++) {
                long wanted = 1_024L * (1 + random.nextInt(9)) + random.nextInt(3) - 1;
                Map<String, AttributeValue> item = item(random, i, wanted);
                assertThat(ItemSize.of(item)).isEqualTo(wanted);
                Units computed = Units.write(wanted)
                        .plus(Units.read(wanted, Consistency.STRONG))
                        .plus(Units.read(wanted, Consistency.EVENTUAL));

                meter.restart();
                client.putItem(put -> put.tableName(table.name()).item(item));
                Map<String, AttributeValue> key = Map.of("pk", item.get("pk"), "sk", item.get("sk"));
                client.getItem(get -> get.tableName(table.name()).key(key).consistentRead(true));
                client.getItem(get -> get.tableName(table.name()).key(key));

                if (!meter.units().equals(computed)) {
                    wrong.add(wanted + " bytes: " + meter.units() + " and not " + computed + " for " + item.keySet());
                }
            }
        }
        assertThat(wrong).isEmpty();
    }

    private static Map<String, AttributeValue> item(Random random, int number, long wanted) {
        Map<String, AttributeValue> item = new HashMap<>();
        item.put("pk", AttributeValue.fromS("topic"));
        item.put("sk", AttributeValue.fromS(String.format("%020d", number)));
        if (random.nextBoolean()) {
            item.put("n", AttributeValue.fromN(Long.toString(random.nextLong(2_000_000_000_000L))));
        }
        if (random.nextBoolean()) {
            item.put("flag", AttributeValue.fromBool(random.nextBoolean()));
        }
        if (random.nextBoolean()) {
            AttributeValue word = AttributeValue.fromS("wörd");
            item.put("words", AttributeValue.fromL(List.of(word, word, word)));
        }
        if (random.nextBoolean()) {
            item.put("map", AttributeValue.fromM(Map.of("inner", AttributeValue.fromN("17"))));
        }
        item.put("fill", AttributeValue.fromB(SdkBytes.fromByteArray(new byte[0])));
        item.put("fill", AttributeValue.fromB(SdkBytes.fromByteArray(new byte[(int) (wanted - ItemSize.of(item))])));
        return item;
    }
}
