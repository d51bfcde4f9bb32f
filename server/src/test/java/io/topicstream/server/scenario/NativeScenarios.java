package io.topicstream.server.scenario;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The native protocol: positions, acknowledgements, replay, and what goes wrong.
public interface NativeScenarios {
    Deployment deployment();

    private static String publish(String topic, int id) {
        return "{\"action\":\"publish\",\"id\":" + id + ",\"topic\":\"" + topic + "\",\"message\":" + id + "}";
    }

    /// Publishes in a row, where frames have an order; else each when the one before it is answered.
    private void publish(TestClient client, String topic, int from, int to) {
        if (deployment().ordersFrames()) {
            for (int i = from; i <= to; i++) {
                client.send(publish(topic, i));
            }
        }
        for (int i = from; i <= to; i++) {
            if (!deployment().ordersFrames()) {
                client.send(publish(topic, i));
            }
            assertThat(client.await("\"type\":\"reply\"")).contains("\"id\":" + i + ",");
        }
    }

    private static String subscribe(TestClient client, String topic, String rest) {
        client.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + topic + "\"" + rest + "}");
        return client.await("\"id\":\"s\"");
    }

    private static void expect(TestClient client, int from, int to) {
        for (int i = from; i <= to; i++) {
            String frame = client.next();
            assertThat(frame).contains("\"type\":\"message\"");
            assertThat(number(frame, "offset")).isEqualTo(i);
            assertThat(frame).contains("\"message\":" + i + "}");
        }
    }

    @Test
    default void publishesInARowAreAnsweredInOrderWithAscendingOffsets() {
        String topic = deployment().topic();
        TestClient client = deployment().client();

        if (deployment().ordersFrames()) {
            publish(client, topic, 1, 500);

            subscribe(client, topic, ",\"from\":\"earliest\"");
            expect(client, 1, 500);
        } else {
            eachGetsAPlaceOfItsOwn(client, topic, 500);
        }
        client.close();
    }

    /// What is promised where publishes of one connection may overtake each other.
    private static void eachGetsAPlaceOfItsOwn(TestClient client, String topic, int publishes) {
        for (int i = 1; i <= publishes; i++) {
            client.send(publish(topic, i));
        }

        TreeMap<Long, Long> byOffset = new TreeMap<>();
        for (int i = 1; i <= publishes; i++) {
            String reply = client.await("\"type\":\"reply\"");
            byOffset.put(number(reply, "offset"), number(reply, "id"));
        }
        assertThat(byOffset).hasSize(publishes);
        assertThat(byOffset.lastKey()).isEqualTo(publishes);
        assertThat(new TreeSet<>(byOffset.values())).hasSize(publishes);
        subscribe(client, topic, ",\"from\":\"earliest\"");
        byOffset.forEach((offset, id) -> {
            String frame = client.next();
            assertThat(number(frame, "offset")).isEqualTo(offset);
            assertThat(frame).contains("\"message\":" + id + "}");
        });
    }

    @Test
    default void aSubscriberFromAnyPositionSeesEveryLaterMessageOnce() {
        String topic = deployment().topic();
        TestClient publisher = deployment().client();
        publish(publisher, topic, 1, 20);
        TestClient last = deployment().client();
        TestClient offset = deployment().client();
        TestClient earliest = deployment().client();
        TestClient fresh = deployment().client();

        assertThat(subscribe(last, topic, ",\"from\":{\"last\":5}"))
                .contains("\"first_offset\":1,\"next_offset\":21,\"recovered\":true");
        subscribe(offset, topic, ",\"from\":11");
        subscribe(earliest, topic, ",\"from\":\"earliest\"");
        subscribe(fresh, topic, "");
        publish(publisher, topic, 21, 30);

        expect(last, 16, 30);
        expect(offset, 11, 30);
        expect(earliest, 1, 30);
        expect(fresh, 21, 30);
        for (TestClient client : List.of(last, offset, earliest, fresh, publisher)) {
            client.close();
            assertThat(client.pending()).isEmpty();
        }
    }

    @Test
    default void resumingByEpochAndOffsetContinuesWhereTheClientStopped() {
        String topic = deployment().topic();
        TestClient publisher = deployment().client();
        publish(publisher, topic, 1, 3);
        TestClient first = deployment().client();
        long epoch = number(subscribe(first, topic, ",\"from\":\"earliest\""), "epoch");
        expect(first, 1, 3);
        first.abort();
        publish(publisher, topic, 4, 9);

        TestClient second = deployment().client();
        String reply = subscribe(second, topic, ",\"from\":{\"resume\":{\"epoch\":" + epoch + ",\"offset\":3}}");

        assertThat(reply).contains("\"recovered\":true");
        expect(second, 4, 9);
        second.close();
        publisher.close();
    }

    @Test
    default void aPositionOfAnotherLifeIsResetAndTheClientIsTold() {
        String topic = deployment().topic();
        TestClient client = deployment().client();
        publish(client, topic, 1, 2);

        assertThat(subscribe(client, topic, ",\"from\":{\"resume\":{\"epoch\":1,\"offset\":2}}"))
                .contains("\"recovered\":false");
        assertThat(client.next()).contains("\"type\":\"reset\"").contains("\"common_offset\":0");
        expect(client, 1, 2);
        assertThat(subscribe(client, topic, ",\"from\":{\"resume\":{\"epoch\":99999999999,\"offset\":2}}"))
                .contains("\"recovered\":false");
        assertThat(client.next()).contains("\"type\":\"reset\"").contains("\"common_offset\":0");
        expect(client, 1, 2);
        assertThat(subscribe(client, topic, ",\"from\":1000")).contains("\"recovered\":false");
        assertThat(client.next()).contains("\"type\":\"reset\"").contains("\"common_offset\":2");
        publish(client, topic, 3, 3);
        client.close();
    }

    @Test
    default void aSecondSubscribeWithoutAPositionChangesNothing() {
        String topic = deployment().topic();
        TestClient client = deployment().client();
        subscribe(client, topic, "");
        subscribe(client, topic, "");

        client.send("{\"action\":\"publish\",\"topic\":\"" + topic + "\",\"message\":1}");

        expect(client, 1, 1);
        client.send("{\"action\":\"ping\",\"id\":1}");
        assertThat(client.next()).isEqualTo("{\"type\":\"pong\",\"id\":1}");
        client.close();
    }

    @Test
    default void unsubscribingEndsDelivery() {
        String topic = deployment().topic();
        TestClient client = deployment().client();
        subscribe(client, topic, "");

        client.send("{\"action\":\"unsubscribe\",\"id\":\"u\",\"topic\":\"" + topic + "\"}");
        assertThat(client.next()).isEqualTo("{\"type\":\"reply\",\"id\":\"u\",\"topic\":\"" + topic + "\"}");
        publish(client, topic, 1, 1);

        client.close();
        assertThat(client.pending()).isEmpty();
    }

    @Test
    default void aRepeatedMessageIdIsAnsweredAsTheFirstAndStoredOnce() {
        String topic = deployment().topic();
        TestClient client = deployment().client(0);
        String frame = "{\"action\":\"publish\",\"id\":1,\"topic\":\"" + topic
                + "\",\"message\":{\"a\":1},\"message_id\":\"m-1\"}";

        client.send(frame);
        String first = client.await("\"id\":1");
        client.send(frame);
        String second = client.await("\"id\":1");
        TestClient elsewhere = deployment().client(0);
        elsewhere.send(frame);

        assertThat(second).isEqualTo(first);
        assertThat(elsewhere.await("\"id\":1")).isEqualTo(first);
        elsewhere.send("{\"action\":\"publish\",\"id\":2,\"topic\":\"" + topic
                + "\",\"message\":{\"a\":2},\"message_id\":\"m-1\"}");
        assertThat(elsewhere.await("\"id\":2")).contains("\"code\":\"id_conflict\"");
        client.send("{\"action\":\"read\",\"id\":3,\"topic\":\"" + topic + "\"}");
        assertThat(client.await("\"id\":3")).contains("\"next_offset\":2");
        client.close();
        elsewhere.close();
    }

    @Test
    default void anExpectedOffsetHoldsOrRefuses() {
        String topic = deployment().topic();
        TestClient client = deployment().client();

        client.send(
                "{\"action\":\"publish\",\"id\":1,\"topic\":\"" + topic + "\",\"message\":1,\"expected_offset\":1}");
        assertThat(number(client.next(), "offset")).isEqualTo(1);
        client.send(
                "{\"action\":\"publish\",\"id\":2,\"topic\":\"" + topic + "\",\"message\":2,\"expected_offset\":1}");
        assertThat(client.next())
                .contains("\"type\":\"error\"")
                .contains("\"code\":\"conflict\"")
                .contains("\"next_offset\":2");
        client.send(
                "{\"action\":\"publish\",\"id\":3,\"topic\":\"" + topic + "\",\"message\":3,\"expected_offset\":2}");
        assertThat(number(client.next(), "offset")).isEqualTo(2);
        client.close();
    }

    @Test
    default void aMessageThatIsNotWantedBackComesNeitherLiveNorWhenCatchingUp() {
        String topic = deployment().topic();
        TestClient author = deployment().client();
        TestClient other = deployment().client();
        subscribe(author, topic, "");
        subscribe(other, topic, "");

        author.send("{\"action\":\"publish\",\"id\":1,\"topic\":\"" + topic + "\",\"message\":1,\"echo\":false}");
        if (!deployment().ordersFrames()) {
            author.await("\"id\":1,");
        }
        author.send("{\"action\":\"publish\",\"topic\":\"" + topic + "\",\"message\":2}");
        if (deployment().ordersFrames()) {
            author.await("\"id\":1,");
        }

        expect(author, 2, 2);
        expect(other, 1, 2);
        subscribe(author, topic, ",\"from\":\"earliest\"");
        expect(author, 2, 2);
        author.close();
        other.close();
    }

    @Test
    default void aTopicIsReadInPagesBothWays() {
        String topic = deployment().topic();
        TestClient client = deployment().client();
        publish(client, topic, 1, 10);

        client.send("{\"action\":\"read\",\"id\":1,\"topic\":\"" + topic + "\",\"after\":3,\"limit\":2}")
                .send("{\"action\":\"read\",\"id\":2,\"topic\":\"" + topic + "\",\"before\":3}")
                .send("{\"action\":\"read\",\"id\":3,\"topic\":\"" + topic + "\",\"limit\":1}")
                .send("{\"action\":\"read\",\"id\":4,\"topic\":\"" + topic + "\",\"after\":1,\"before\":3}");

        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            answers.add(client.next());
        }
        assertThat(answers)
                .anySatisfy(answer -> assertThat(answer)
                        .contains("\"id\":1,")
                        .containsSubsequence("\"offset\":4,", "\"offset\":5,")
                        .doesNotContain("\"offset\":6,")
                        .contains("\"next_offset\":11"));
        assertThat(answers)
                .anySatisfy(answer -> assertThat(answer)
                        .contains("\"id\":2,")
                        .containsSubsequence("\"offset\":1,", "\"offset\":2,")
                        .doesNotContain("\"offset\":3,"));
        assertThat(answers)
                .anySatisfy(answer -> assertThat(answer).contains("\"id\":3,").contains("\"offset\":10,"));
        assertThat(answers)
                .anySatisfy(answer -> assertThat(answer).contains("\"id\":4,").contains("\"code\":\"bad_frame\""));
        client.close();
    }

    @Test
    default void badFramesAreAnsweredOneByOneAndTheConnectionLives() {
        TestClient client = deployment().client();

        client.send("nonsense").send("[]").send("{\"id\":1}").send("{\"action\":\"fly\",\"id\":2}");
        client.send("{\"action\":\"subscribe\",\"id\":3,\"topic\":\"../etc\"}");
        client.send("{\"action\":\"subscribe\",\"id\":4,\"topic\":\"sys:user:x\"}");
        client.send("{\"action\":\"publish\",\"id\":5,\"topic\":\"dm:a~b\",\"message\":1}");
        client.send("[{\"action\":\"ping\",\"id\":6},{\"action\":\"nope\"},{\"action\":\"ping\",\"id\":7}]");

        List<String> answers = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            answers.add(client.next());
        }
        String[][] expected = {
            {"\"code\":\"bad_frame\""},
            {"\"code\":\"bad_frame\""},
            {"\"code\":\"bad_frame\"", "\"id\":1"},
            {"\"code\":\"unknown_action\"", "\"id\":2"},
            {"\"code\":\"bad_topic\"", "\"id\":3"},
            {"\"code\":\"forbidden\"", "\"id\":4"},
            {"\"code\":\"forbidden\"", "\"id\":5"},
            {"\"type\":\"pong\"", "\"id\":6"},
            {"\"code\":\"unknown_action\""},
            {"\"type\":\"pong\"", "\"id\":7"}
        };
        if (deployment().ordersFrames()) {
            for (int i = 0; i < expected.length; i++) {
                assertThat(answers.get(i)).contains(expected[i]);
            }
        } else {
            assertAllThere(answers, expected);
        }
        client.close();
    }

    /// What is promised where frames may overtake each other: the answers, and the order of those of one array.
    private static void assertAllThere(List<String> answers, String[][] expected) {
        List<String> left = new ArrayList<>(answers);
        Stream.of(expected)
                .sorted(Comparator.comparingInt((String[] words) -> words.length)
                        .reversed())
                .forEach(words -> {
                    List<String> fitting = left.stream()
                            .filter(answer -> Stream.of(words).allMatch(answer::contains))
                            .toList();
                    assertThat(fitting).as("%s of %s", List.of(words), left).isNotEmpty();
                    left.remove(fitting.getFirst());
                });
        assertThat(left).isEmpty();
        assertThat(String.join("", answers)).containsSubsequence("\"id\":6", "\"unknown_action\"", "\"id\":7");
    }

    @Test
    default void signalsReachTheAudienceAndAreNotKept() {
        String topic = deployment().topic();
        TestClient listener = deployment().client();
        TestClient speaker = deployment().client(1);
        subscribe(listener, topic, "");

        for (int i = 0; i < deployment().timesToSay(); i++) {
            speaker.send("{\"action\":\"signal\",\"id\":1,\"topic\":\"" + topic + "\",\"message\":{\"typing\":true}}");
            assertThat(speaker.await("\"id\":1")).isEqualTo("{\"type\":\"reply\",\"id\":1}");
        }

        assertThat(listener.next())
                .contains("\"type\":\"signal\"")
                .contains("\"message\":{\"typing\":true}")
                .contains("\"from\":");
        speaker.send("{\"action\":\"read\",\"id\":2,\"topic\":\"" + topic + "\"}");
        assertThat(speaker.await("\"id\":2")).contains("\"messages\":[]").contains("\"next_offset\":1");
        listener.close();
        speaker.close();
    }

    @Test
    default void aDurableSubscriptionIsJoinedOnConnectingAndNamedInTheGreeting() {
        String topic = deployment().topic();
        TestClient first = deployment().client(2);
        subscribe(first, topic, ",\"durable\":true");
        first.close();
        TestClient publisher = deployment().client();
        publish(publisher, topic, 1, 2);

        TestClient second = TestClient.to(deployment().server(), "/v1")
                .header("x-api-key", deployment().key(2))
                .open();
        assertThat(second.next()).contains("\"topic\":\"" + topic + "\"").contains("\"next_offset\":3");
        publish(publisher, topic, 3, 3);
        assertThat(second.await("\"topic\":\"" + topic + "\"")).contains("\"offset\":3,");
        TestClient manual = TestClient.to(deployment().server(), "/v1?durable=manual")
                .header("x-api-key", deployment().key(2))
                .open();
        assertThat(manual.next()).contains("\"topic\":\"" + topic + "\"").contains("\"next_offset\":4");
        publish(publisher, topic, 4, 4);
        assertThat(second.await("\"topic\":\"" + topic + "\"")).contains("\"offset\":4,");
        manual.send("{\"action\":\"unsubscribe\",\"id\":\"u\",\"topic\":\"" + topic + "\",\"durable\":true}");
        assertThat(manual.next()).contains("\"id\":\"u\"");

        manual.close();
        second.close();
        TestClient third = TestClient.to(deployment().server(), "/v1")
                .header("x-api-key", deployment().key(2))
                .open();
        assertThat(third.next()).doesNotContain(topic);
        third.close();
        publisher.close();
    }

    @Test
    default void clientsThatTakeArraysGetTheSameMessagesInTheSameOrder() {
        String topic = deployment().topic();
        TestClient publisher = deployment().client();
        publish(publisher, topic, 1, 300);
        TestClient arrays = TestClient.to(deployment().server(), "/v1")
                .subprotocol("topicstream.v1")
                .open();
        assertThat(arrays.subprotocol()).isEqualTo("topicstream.v1");
        // Where frames have no order it may come after the answers to those that did not wait for it.
        arrays.await("\"type\":\"welcome\"");

        subscribe(arrays, topic, ",\"from\":\"earliest\"");

        expect(arrays, 1, 300);
        arrays.close();
        publisher.close();
    }
}
