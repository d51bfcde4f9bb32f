package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TestClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A room is deleted, by its owner: who was in it is told and is there no longer, and the next who comes finds nothing.
/// That may be told late where servers do not hear each other, but never not at all.
public interface RoomDeletionScenarios {
    Deployment deployment();

    /// How long it may take until another server has looked, with ten times as much to spare.
    Duration A_WHILE = Duration.ofSeconds(40);

    static String ask(TestClient client, String rest) {
        client.send("{\"id\":\"q\"," + rest + "}");
        return client.await("\"id\":\"q\"");
    }

    static String asTopic(String action, String topic) {
        return "\"action\":\"" + action + "\",\"topic\":\"" + topic + "\"";
    }

    static void say(TestClient client, String topic, String text) {
        assertThat(ask(client, asTopic("publish", topic) + ",\"message\":\"" + text + "\""))
                .contains("\"type\":\"reply\"");
    }

    private static String toldOf(String topic) {
        return "{\"type\":\"room_deleted\",\"topic\":\"" + topic + "\"}";
    }

    private static void awaitTold(TestClient client, String topic) {
        assertThat(client.within(A_WHILE, "room_deleted")).hasValue(toldOf(topic));
    }

    /// Deletes it; where the store did not answer in time, once more, which ends what was begun.
    static void delete(TestClient client, String topic) {
        await().atMost(A_WHILE)
                .untilAsserted(() -> assertThat(ask(client, asTopic("delete_room", topic)))
                        .isEqualTo("{\"type\":\"reply\",\"id\":\"q\",\"topic\":\"" + topic + "\"}"));
    }

    @Test
    default void whoIsInARoomThatIsDeletedIsToldAndHearsNothingMore() {
        String topic = "room:" + deployment().topic();
        // What the owner is told as one who listens may come before the reply, so this one does not listen.
        TestClient owner = deployment().client(0);
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        TestClient nobody = deployment().client();
        TestClient elsewhere = deployment().client(deployment().guest());
        ask(owner, asTopic("room", topic) + ",\"title\":\"Tea\"");
        for (TestClient client : List.of(ann, bob, nobody)) {
            assertThat(ask(client, asTopic("subscribe", topic))).contains("\"next_offset\":1");
        }
        say(ann, topic, "one");
        say(bob, topic, "two");
        nobody.await("\"message\":\"two\"");

        delete(owner, topic);

        for (TestClient client : List.of(ann, bob, nobody)) {
            awaitTold(client, topic);
        }
        say(elsewhere, topic, "three");
        for (TestClient client : List.of(ann, bob, nobody)) {
            // What was asked for later is answered, and nothing of the room came before.
            client.send("{\"id\":\"last\",\"action\":\"ping\"}");
            assertThat(client.await("\"pong\"")).doesNotContain("three");
            assertThat(client.pending()).noneMatch(frame -> frame.contains("\"message\":\"three\""));
        }
        for (TestClient client : List.of(owner, ann, bob, nobody, elsewhere)) {
            client.close();
        }
    }

    @Test
    default void aRoomThatIsDeletedIsEmptyAndItsOffsetsGoOn() {
        String topic = "room:" + deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        ask(ann, asTopic("room", topic) + ",\"title\":\"Tea\",\"policy\":{\"presence\":\"counts\"}");
        for (int i = 0; i < 3; i++) {
            say(bob, topic, "before");
        }
        ask(bob, asTopic("ack", topic) + ",\"delivered\":3,\"read\":2");

        delete(ann, topic);

        assertThat(ask(ann, asTopic("read", topic)))
                .contains("\"messages\":[]", "\"first_offset\":4,\"next_offset\":4");
        assertThat(ask(bob, "\"action\":\"rooms\",\"prefix\":\"" + topic + "\""))
                .contains("\"rooms\":[]");
        assertThat(ask(ann, "\"action\":\"rooms\",\"owner\":\"ann\",\"prefix\":\"" + topic + "\""))
                .contains("\"rooms\":[]");
        assertThat(ask(bob, "\"action\":\"cursors\"")).doesNotContain(topic);
        assertThat(ask(bob, asTopic("subscribe", topic) + ",\"from\":2"))
                .contains("\"first_offset\":4,\"next_offset\":4,\"recovered\":false");
        bob.await("\"type\":\"truncated\",\"topic\":\"" + topic + "\"");
        say(ann, topic, "after");
        assertThat(bob.await("\"type\":\"message\"")).contains("\"offset\":4", "\"message\":\"after\"");

        // Anybody may make it anew.
        assertThat(ask(bob, asTopic("room", topic))).contains("\"title\":null,\"owner\":\"bob\"");
        ann.close();
        bob.close();
    }

    @Test
    default void aDurableSubscriptionToARoomEndsWithTheRoom() {
        String topic = "room:" + deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        ask(ann, asTopic("room", topic));
        assertThat(ask(bob, asTopic("subscribe", topic) + ",\"durable\":true")).contains("\"type\":\"reply\"");

        delete(ann, topic);

        awaitTold(bob, topic);
        deployment().awaitMembership(1, topic, false);
        // Who comes again afterwards stays.
        assertThat(ask(bob, asTopic("subscribe", topic) + ",\"durable\":true")).contains("\"type\":\"reply\"");
        deployment().awaitMembership(1, topic, true);
        assertThat(ask(bob, asTopic("unsubscribe", topic) + ",\"durable\":true"))
                .contains("\"type\":\"reply\"");
        ann.close();
        bob.close();
    }

    @Test
    default void onlyItsOwnerDeletesARoomAndOnlyOnce() {
        String topic = "room:" + deployment().topic();
        String guest = deployment().guest();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        TestClient guests = deployment().client(guest);
        ask(ann, asTopic("room", topic));
        ask(guests, asTopic("room", topic + ".guests"));

        assertThat(ask(bob, asTopic("delete_room", topic))).contains("\"code\":\"forbidden\"");
        // Anybody may call himself like a guest.
        assertThat(ask(guests, asTopic("delete_room", topic + ".guests"))).contains("\"code\":\"forbidden\"");
        assertThat(ask(ann, asTopic("delete_room", deployment().topic()))).contains("\"code\":\"bad_topic\"");
        assertThat(ask(ann, "\"action\":\"delete_room\"")).contains("\"code\":\"bad_frame\"");
        assertThat(ask(bob, "\"action\":\"rooms\",\"prefix\":\"" + topic + "\""))
                .contains("\"owner\":\"ann\"");

        delete(ann, topic);

        for (TestClient client : List.of(ann, bob)) {
            assertThat(ask(client, asTopic("delete_room", topic)))
                    .contains("\"code\":\"not_found\"", "nobody has made this room");
        }
        for (TestClient client : List.of(ann, bob, guests)) {
            client.close();
        }
    }
}
