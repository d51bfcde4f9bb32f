package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The contract of the topics dialect on the stage `/live`: bare deliveries, nothing else on the socket, subscriptions
/// that belong to the user.
public interface LiveStageScenarios {
    Deployment deployment();

    private static void settled(TestClient client, String topic) {
        // The dialect has no acknowledgements: a delivery of one's own shows that what came before it
        // has taken effect.
        client.send("{\"topic\":\"" + topic + "\",\"message\":\"settled\",\"action\":\"publish\"}");
        assertThat(client.next()).isEqualTo("{\"topic\":\"" + topic + "\",\"message\":\"settled\"}");
    }

    private static String subscribe(String topic) {
        return "{\"topic\":\"" + topic + "\",\"action\":\"subscribe\"}";
    }

    private static String unsubscribe(String topic) {
        return "{\"topic\":\"" + topic + "\",\"action\":\"unsubscribe\"}";
    }

    private static String publish(String topic, String json) {
        return "{\"topic\":\"" + topic + "\",\"message\":" + json + ",\"action\":\"publish\"}";
    }

    private static String delivery(String topic, String json) {
        return "{\"topic\":\"" + topic + "\",\"message\":" + json + "}";
    }

    @Test
    default void withoutAKeyTheUpgradeIsRefused() {
        assertThat(TestClient.to(deployment().server(), "/live").refusedWith()).isEqualTo(401);
    }

    @Test
    default void withAnUnknownKeyTheUpgradeIsRefused() {
        assertThat(TestClient.to(deployment().server(), "/live")
                        .header("x-api-key", "ts_unknown0000000000000000000000000000000")
                        .refusedWith())
                .isEqualTo(401);
    }

    @Test
    default void aKeyConnectsAndDisconnects() {
        TestClient client = deployment().live(0);

        client.close();

        assertThat(client.awaitClose()).isEqualTo(1000);
        assertThat(client.pending()).isEmpty();
    }

    @Test
    default void anUnknownActionIsAnsweredWithNothingAndTheConnectionClosesCleanly() {
        TestClient client = deployment().live(0);

        client.send("{\"action\":\"what?!\"}");
        client.send("{\"topic\":\"t\"}");
        client.close();

        assertThat(client.awaitClose()).isEqualTo(1000);
        assertThat(client.pending()).isEmpty();
    }

    @Test
    default void aPublishedMessageIsDeliveredAndNothingElse() {
        String topic = deployment().topic();
        TestClient subscriber = deployment().live(0);
        TestClient publisher = deployment().live(1);
        subscriber.send(subscribe(topic));
        settled(subscriber, topic);

        publisher.send(publish(topic, "\"Can you see me?\""));

        assertThat(subscriber.next()).isEqualTo(delivery(topic, "\"Can you see me?\""));
        subscriber.close();
        publisher.close();
        assertThat(subscriber.pending()).isEmpty();
        assertThat(publisher.pending()).isEmpty();
    }

    @Test
    default void aSubscriptionOutlivesTheConnectionAndNothingMissedIsReplayed() {
        String topic = deployment().topic();
        TestClient first = deployment().live(0);
        TestClient second = deployment().live(1);
        TestClient publisher = deployment().live(2);
        first.send(subscribe(topic));
        settled(first, topic);
        second.send(subscribe(topic));
        settled(second, topic);
        assertThat(first.next()).isEqualTo(delivery(topic, "\"settled\""));

        first.close();
        publisher.send(publish(topic, "\"Where'd you go?\""));
        assertThat(second.next()).isEqualTo(delivery(topic, "\"Where'd you go?\""));
        TestClient again = deployment().live(0);
        publisher.send(publish(topic, "\"Welcome back!\""));

        assertThat(again.next()).isEqualTo(delivery(topic, "\"Welcome back!\""));
        assertThat(second.next()).isEqualTo(delivery(topic, "\"Welcome back!\""));
        again.close();
        second.close();
        publisher.close();
    }

    @Test
    default void allSubscribersOfATopicGetEveryMessage() {
        String topic = deployment().topic();
        TestClient first = deployment().live(0);
        TestClient second = deployment().live(1);
        first.send(subscribe(topic));
        settled(first, topic);
        second.send(subscribe(topic));
        settled(second, topic);
        assertThat(first.next()).isEqualTo(delivery(topic, "\"settled\""));
        TestClient publisher = deployment().live(2);

        publisher.send(publish(topic, "1")).send(publish(topic, "{\"two\":[2]}"));

        List<String> inOrder = List.of(delivery(topic, "1"), delivery(topic, "{\"two\":[2]}"));
        List<String> heard = List.of(first.next(), first.next());
        assertThat(heard).containsExactlyInAnyOrderElementsOf(inOrder);
        if (deployment().ordersFrames()) {
            assertThat(heard).isEqualTo(inOrder);
        }
        // Everybody hears them in the order of the log, whatever that is.
        assertThat(List.of(second.next(), second.next())).isEqualTo(heard);
        for (TestClient subscriber : new TestClient[] {first, second}) {
            subscriber.close();
            assertThat(subscriber.pending()).isEmpty();
        }
        publisher.close();
    }

    @Test
    default void aSubscriberOfManyTopicsGetsOneOfEach() {
        String one = deployment().topic();
        String two = deployment().topic();
        TestClient subscriber = deployment().live(0);
        subscriber.send(subscribe(one)).send(subscribe(two));
        settled(subscriber, two);
        if (!deployment().ordersFrames()) {
            settled(subscriber, one);
        }
        TestClient publisher = deployment().live(1);

        publisher.send(publish(one, "\"first\"")).send(publish(two, "\"second\""));

        assertThat(List.of(subscriber.next(), subscriber.next()))
                .containsExactlyInAnyOrder(delivery(one, "\"first\""), delivery(two, "\"second\""));
        subscriber.close();
        publisher.close();
        assertThat(subscriber.pending()).isEmpty();
    }

    @Test
    default void subscribingTwiceDeliversOnceAndUnsubscribingTwiceIsHarmless() {
        String topic = deployment().topic();
        TestClient client = deployment().live(0);
        client.send(subscribe(topic)).send(subscribe(topic));
        settled(client, topic);
        if (!deployment().ordersFrames()) {
            // The second may still be under way, and come after what takes it back.
            client.close();
            assertThat(client.pending()).isEmpty();
            topic = deployment().topic();
            client = deployment().live(0);
            client.send(subscribe(topic));
            settled(client, topic);
        }

        client.send(unsubscribe(topic)).send(unsubscribe(topic));
        if (!deployment().ordersFrames()) {
            deployment().awaitMembership(0, topic, false);
        }
        client.send(publish(topic, "\"unheard\""));
        String other = deployment().topic();
        client.send(subscribe(other));
        settled(client, other);

        client.close();
        assertThat(client.pending()).isEmpty();
    }

    @Test
    default void everyConnectionOfTheUserGetsWhatOneOfThemSubscribedTo() {
        String topic = deployment().topic();
        TestClient one = deployment().live(0);
        TestClient two = deployment().live(0);
        TestClient three = deployment().live(0);

        one.send(subscribe(topic));
        settled(one, topic);
        // The others join when their node has heard of it; what is published from then on arrives.
        publishUntilHeard(one, topic, two, three);

        one.close();
        two.close();
        three.close();
    }

    private static void publishUntilHeard(TestClient publisher, String topic, TestClient... others) {
        for (TestClient other : others) {
            long deadline = System.nanoTime() + 20_000_000_000L;
            while (other.pending().isEmpty()) {
                assertThat(System.nanoTime()).as("heard in time").isLessThan(deadline);
                publisher.send(publish(topic, "\"heard?\""));
                assertThat(publisher.next()).isEqualTo(delivery(topic, "\"heard?\""));
            }
            assertThat(other.next()).isIn(delivery(topic, "\"heard?\""), delivery(topic, "\"settled\""));
        }
    }

    @Test
    default void memberNamesButActionMatchInAnyCase() {
        String topic = deployment().topic();
        TestClient client = deployment().live(0);

        client.send("{\"TOPIC\":\"" + topic + "\",\"action\":\"subscribe\"}");
        settled(client, topic);
        client.send("{\"Topic\":\"" + topic + "\",\"MESSAGE\":{\"n\":1},\"action\":\"publish\"}");

        assertThat(client.next()).isEqualTo(delivery(topic, "{\"n\":1}"));
        client.close();
    }

    @Test
    default void brokenJsonAndAMissingTopicAreAnsweredWithTheGatewaysError() {
        TestClient client = deployment().live(0);

        client.send("{\"topic\":");
        client.send("{\"action\":\"subscribe\"}");

        for (int i = 0; i < 2; i++) {
            assertThat(client.next())
                    .matches(
                            "\\{\"message\":\"Internal server error\",\"connectionId\":\"[^\"]+\",\"requestId\":\"[^\"]+\"\\}");
        }
        client.close();
    }

    @Test
    default void whatWasSaidBeforeTheConnectionClosedIsDone() {
        String one = deployment().topic();
        String two = deployment().topic();
        TestClient witness = deployment().live(1);
        witness.send(subscribe(one));
        settled(witness, one);

        deployment()
                .live(0)
                .send(subscribe(one))
                .send(subscribe(two))
                .send(publish(one, "\"last words\""))
                .close();

        assertThat(witness.next()).isEqualTo(delivery(one, "\"last words\""));
        if (!deployment().ordersFrames()) {
            deployment().awaitMembership(0, one, true);
            deployment().awaitMembership(0, two, true);
        }
        TestClient again = deployment().live(0);
        witness.send(publish(one, "1")).send(publish(two, "2"));
        assertThat(List.of(again.next(), again.next()))
                .containsExactlyInAnyOrder(delivery(one, "1"), delivery(two, "2"));
        again.close();
        witness.close();
    }
}
