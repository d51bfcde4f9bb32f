package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TestClient;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What the owner of a room says of it: who is there, and who hears of that.
public interface RoomPolicyScenarios {
    Deployment deployment();

    private static String ask(TestClient client, String rest) {
        client.send("{\"id\":\"q\"," + rest + "}");
        return client.await("\"id\":\"q\"");
    }

    private static String room(TestClient client, String topic, String rest) {
        return ask(client, "\"action\":\"room\",\"topic\":\"" + topic + "\"" + rest);
    }

    private static String policy(String presence) {
        return ",\"policy\":{\"presence\":\"" + presence + "\"}";
    }

    private static String subscribe(TestClient client, String topic, String rest) {
        return ask(client, "\"action\":\"subscribe\",\"topic\":\"" + topic + "\"" + rest);
    }

    private static String members(TestClient client, String topic) {
        return ask(client, "\"action\":\"members\",\"topic\":\"" + topic + "\"");
    }

    private static void awaitMembers(TestClient client, String topic, String text) {
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(members(client, topic)).contains(text));
    }

    @Test
    default void aRoomShowsThePolicyThatItsOwnerSaidAndNoneThatIsUnknown() {
        String topic = "room:" + deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);

        assertThat(room(ann, topic, ",\"title\":\"Tea\"" + policy("counts"))).endsWith(policy("counts") + "}");
        assertThat(room(ann, topic, ",\"title\":\"Coffee\"")).endsWith(policy("counts") + "}");
        assertThat(ask(bob, "\"action\":\"rooms\",\"prefix\":\"" + topic + "\""))
                .contains("\"title\":\"Coffee\"", "\"members\":0" + policy("counts") + "}");

        assertThat(room(bob, topic, policy("names")))
                .contains("\"code\":\"forbidden\"", "this room is somebody else's");
        assertThat(room(ann, topic, policy("some")))
                .contains("\"code\":\"bad_frame\"", "one of off, on_request, counts, names, not \\\"some\\\"");
        assertThat(room(ann, topic, ",\"policy\":{\"retention\":\"1d\"}"))
                .contains("\"code\":\"bad_frame\"", "no member \\\"retention\\\"");
        assertThat(room(ann, topic, ",\"policy\":[]")).contains("\"code\":\"bad_frame\"");
        assertThat(room(ann, topic, ",\"policy\":{\"presence\":1}")).contains("\"code\":\"bad_frame\"");
        assertThat(room(ann, topic, "")).endsWith(policy("counts") + "}");

        assertThat(room(ann, topic, ",\"policy\":{}")).doesNotContain("policy").contains("\"title\":\"Coffee\"");
        ann.close();
        bob.close();
    }

    @Test
    default void aRoomThatCountsNamesNobody() {
        String topic = "room:" + deployment().topic();
        TestClient ann = deployment().client(0);
        room(ann, topic, policy("counts"));
        TestClient bob = deployment().guest(deployment().guest());
        TestClient cy = deployment().guest(deployment().guest());

        subscribe(bob, topic, "");
        subscribe(cy, topic, "");

        awaitMembers(bob, topic, "\"members\":[],\"count\":2}");
        // Bob hears the number, and is told it again while it may be lost.
        await().atMost(Duration.ofSeconds(30)).untilAsserted(() -> {
            TestClient another = deployment().guest(deployment().guest());
            subscribe(another, topic, "");
            String told = bob.await("\"type\":\"presence\"");
            another.close();
            assertThat(told).doesNotContain("\"event\"", "\"user\"").contains("\"count\":");
        });
        for (TestClient client : List.of(ann, bob, cy)) {
            client.close();
        }
    }

    @Test
    default void whoIsInARoomIsSeenAsItsOwnerSaysAlsoWhileTheyAreThere() {
        String topic = "room:" + deployment().topic();
        TestClient ann = deployment().client(0);
        String bobsId = deployment().guest();
        TestClient bob = deployment().guest(bobsId);
        TestClient cy = deployment().guest(deployment().guest());
        subscribe(bob, topic, "");
        subscribe(cy, topic, "");
        awaitMembers(ann, topic, "\"count\":2}");

        assertThat(room(ann, topic, policy("off"))).contains("\"type\":\"reply\"");
        assertThat(members(bob, topic)).contains("\"code\":\"forbidden\"", "who is in this topic is not kept");
        assertThat(subscribe(ann, topic, ",\"presence\":true")).contains("\"code\":\"forbidden\"", "is not kept");
        // They still listen.
        ask(ann, "\"action\":\"publish\",\"topic\":\"" + topic + "\",\"message\":\"still\"");
        bob.await("\"message\":\"still\"");
        cy.await("\"message\":\"still\"");

        room(ann, topic, policy("counts"));
        awaitMembers(ann, topic, "\"members\":[],\"count\":2}");
        room(ann, topic, policy("names"));
        awaitMembers(ann, topic, "\"user\":\"guest." + bobsId + "\"");
        room(ann, topic, policy("on_request"));
        awaitMembers(ann, topic, "\"members\":[],\"count\":0}");
        assertThat(subscribe(bob, topic, ",\"presence\":true")).contains("\"type\":\"reply\"");
        awaitMembers(ann, topic, "\"count\":1}");
        for (TestClient client : List.of(ann, bob, cy)) {
            client.close();
        }
    }
}
