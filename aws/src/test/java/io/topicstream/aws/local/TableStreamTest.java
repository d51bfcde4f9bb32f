package io.topicstream.aws.local;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.aws.dynamo.Dynoxide;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.dynamodb.DynamoDbClient;
import software.amazon.awssdk.services.dynamodb.model.AttributeValue;
import software.amazon.awssdk.services.dynamodb.model.ConditionalCheckFailedException;

class TableStreamTest {
    private static final byte[] DONE = "{\"batchItemFailures\":[]}".getBytes(UTF_8);

    private final TableStream stream = new TableStream();
    private final DynamoDbClient client = Dynoxide.get().newClient(stream);
    private final String table = Dynoxide.get().table().name();
    private final BlockingQueue<String> events = new LinkedBlockingQueue<>();

    @AfterEach
    void close() {
        stream.close();
        client.close();
    }

    private void follow(UnaryOperator<byte[]> answer) {
        stream.followKeys("L#", Duration.ofMillis(50), event -> {
            events.add(new String(event, UTF_8));
            return answer.apply(event);
        });
    }

    private void put(String key, String condition) {
        client.putItem(put -> put.tableName(table)
                .item(Map.of("pk", AttributeValue.fromS(key), "sk", AttributeValue.fromS("1")))
                .conditionExpression(condition));
    }

    private void insert(String key) {
        put(key, "attribute_not_exists(pk)");
    }

    /// The keys of the next records, in as many events as it takes.
    private List<String> keys(int count) throws InterruptedException {
        List<String> keys = List.of();
        for (String all = ""; keys.size() < count; keys = keysIn(all)) {
            String event = events.poll(60, TimeUnit.SECONDS);
            assertThat(event).as("an event, after " + keys).isNotNull();
            all += event;
        }
        return keys;
    }

    private static List<String> keysIn(String events) {
        return Pattern.compile("\"pk\":\\{\"S\":\"([^\"]+)\"")
                .matcher(events)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    @Test
    void newRowsAreToldInOrderAndNoOthers() throws Exception {
        follow(_ -> DONE);

        insert("L#one");
        insert("S#state");
        put("L#one", "attribute_exists(pk)");
        try {
            insert("L#one");
        } catch (ConditionalCheckFailedException e) {
            assertThat(e.statusCode()).isEqualTo(400);
        }
        insert("L#two");
        insert("L#three");

        assertThat(keys(3)).containsExactly("L#one", "L#two", "L#three");
        assertThat(events).isEmpty();
    }

    @Test
    void whatFailsIsHandedInAgainFromTheFirstOn() throws Exception {
        int[] calls = {0};
        follow(_ -> {
            calls[0]++;
            if (calls[0] == 1) {
                throw new IllegalStateException("the first call fails");
            }
            return calls[0] == 2 ? "{\"batchItemFailures\":[{\"itemIdentifier\":\"1\"}]}".getBytes(UTF_8) : DONE;
        });

        insert("L#one");

        assertThat(keys(3)).containsExactly("L#one", "L#one", "L#one");
        insert("L#two");
        assertThat(keys(1)).containsExactly("L#two");
    }

    @Test
    void whoWantsToKnowIsToldWhatRowsHadAndHave() throws Exception {
        follow(_ -> DONE);
        BlockingQueue<String> images = new LinkedBlockingQueue<>();
        stream.followImages(List.of("L#", "V#"), Duration.ofMillis(50), event -> {
            images.add(new String(event, UTF_8));
            return DONE;
        });

        client.putItem(put -> put.tableName(table).item(state("1")));
        client.putItem(put -> put.tableName(table).item(state("2")));
        put("S#state", "attribute_not_exists(pk)");
        insert("L#one");

        StringBuilder told = new StringBuilder();
        while (!told.toString().contains("L#one")) {
            String event = images.poll(60, TimeUnit.SECONDS);
            assertThat(event).as("an event, after " + told).isNotNull();
            told.append(event);
        }
        assertThat(told.toString())
                .contains(
                        "\"eventName\":\"INSERT\"",
                        "\"d\":{\"B\":\"MQ==\"}",
                        "\"eventName\":\"MODIFY\"",
                        "\"d\":{\"B\":\"Mg==\"}",
                        "\"v\":{\"N\":\"1\"}",
                        "NEW_AND_OLD_IMAGES")
                .containsSubsequence("OldImage", "MQ==", "NewImage", "Mg==", "L#one")
                .doesNotContain("S#state");
        // Who follows keys is told of new rows alone, also where others want more.
        assertThat(keys(1)).containsExactly("L#one");
    }

    private static Map<String, AttributeValue> state(String value) {
        return Map.of(
                "pk",
                AttributeValue.fromS("V#partition"),
                "sk",
                AttributeValue.fromS("key"),
                "v",
                AttributeValue.fromN(value),
                "d",
                AttributeValue.fromB(SdkBytes.fromUtf8String(value)));
    }
}
