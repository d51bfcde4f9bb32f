package io.topicstream.server.scenario;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.topicstream.server.TestClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who is there: in a topic, and at all.
public interface PresenceScenarios {
    /// Longer than a user who has gone may come back unnoticed, and what is lost takes to be found.
    Duration PATIENCE = Duration.ofSeconds(20);

    Deployment deployment();

    private String room() {
        return "room:" + deployment().topic();
    }

    private static String ask(TestClient client, String rest) {
        client.send("{\"id\":\"q\"," + rest + "}");
        return client.await("\"id\":\"q\"");
    }

    private static void subscribe(TestClient client, String topic, String rest) {
        assertThat(ask(client, "\"action\":\"subscribe\",\"topic\":\"" + topic + "\"" + rest))
                .contains("\"type\":\"reply\"");
    }

    private static String members(TestClient client, String topic, String rest) {
        return ask(client, "\"action\":\"members\",\"topic\":\"" + topic + "\"" + rest);
    }

    private static void awaitMembers(TestClient client, String topic, String text) {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(members(client, topic, "")).contains(text));
    }

    /// A frame that tells of somebody.
    private static String event(String event, String user) {
        return "\"event\":\"" + event + "\",\"user\":\"" + user + "\",";
    }

    /// The frames up to the one that contains the text, that one too.
    private static List<String> upTo(TestClient client, String text) {
        List<String> frames = new ArrayList<>();
        do {
            frames.add(client.next());
        } while (!frames.getLast().contains(text));
        return frames;
    }

    @Test
    default void whoComesAndGoesIsToldToTheOthersWithTheNumberOfAll() {
        String room = room();
        TestClient bob = deployment().client(1);
        subscribe(bob, room, "");
        assertThat(bob.await(event("join", "bob"))).contains("\"topic\":\"" + room + "\"", "\"count\":1}");
        TestClient ann = deployment().client(0);
        subscribe(ann, room, "");

        assertThat(bob.await(event("join", "ann"))).contains("\"name\":null", "\"count\":2}");

        ask(ann, "\"action\":\"unsubscribe\",\"topic\":\"" + room + "\"");
        assertThat(bob.await(event("leave", "ann"))).contains("\"count\":1}");
        subscribe(ann, room, "");
        bob.await(event("join", "ann"));
        ann.close();
        assertThat(bob.await(event("leave", "ann"))).contains("\"count\":1}");
        bob.close();
    }

    @Test
    default void twoDevicesAreOneMemberAndTheEndOfOneIsNotTold() {
        String room = room();
        TestClient bob = deployment().client(1);
        subscribe(bob, room, "");
        TestClient ann = deployment().client(0);
        TestClient again = deployment().client(0);
        subscribe(ann, room, "");
        subscribe(again, room, "");
        awaitMembers(bob, room, "{\"user\":\"ann\",\"name\":null,\"connections\":2,");
        assertThat(members(bob, room, "")).contains("\"count\":2}");

        ann.close();
        // When it counts as gone, that would have been told.
        await().atMost(PATIENCE).untilAsserted(() -> {
            bob.send("{\"action\":\"members\",\"id\":\"m\",\"topic\":\"" + room + "\"}");
            List<String> frames = upTo(bob, "\"id\":\"m\"");
            if (deployment().timesToSay() == 1) {
                assertThat(frames).noneMatch(frame -> frame.contains(event("leave", "ann")));
            }
            assertThat(frames.getLast()).contains("{\"user\":\"ann\",\"name\":null,\"connections\":1,");
        });
        again.close();
        assertThat(bob.await(event("leave", "ann"))).contains("\"count\":1}");
        bob.close();
    }

    @Test
    default void oneWhoConnectsAgainSoonWasNeverGone() {
        String room = room();
        TestClient bob = deployment().client(1);
        subscribe(bob, room, "");
        TestClient ann = deployment().client(0);
        subscribe(ann, room, "");
        bob.await(event("join", "ann"));

        ann.close();
        TestClient again = deployment().client(0);
        subscribe(again, room, "");
        awaitMembers(again, room, "{\"user\":\"ann\",\"name\":null,\"connections\":2,");
        awaitMembers(again, room, "{\"user\":\"ann\",\"name\":null,\"connections\":1,");
        TestClient cy = deployment().client(2);
        subscribe(cy, room, "");

        List<String> frames = upTo(bob, event("join", "cy"));
        if (deployment().timesToSay() == 1) {
            assertThat(frames).noneMatch(frame -> frame.contains("\"user\":\"ann\""));
        }
        again.close();
        cy.close();
        bob.close();
    }

    @Test
    default void membersComeInPagesByUser() {
        String room = room();
        List<TestClient> clients = new ArrayList<>();
        for (int who = 2; who >= 0; who--) {
            clients.add(deployment().client(who));
            subscribe(clients.getLast(), room, "");
        }
        TestClient nameless = deployment().client();
        subscribe(nameless, room, "");
        TestClient asking = deployment().client();
        awaitMembers(asking, room, "\"count\":4}");

        assertThat(members(asking, room, ",\"limit\":2"))
                .containsPattern("\"members\":\\[\\{\"user\":\"ann\",\"name\":null,\"connections\":1,\"since\":\\d+\\},"
                        + "\\{\"user\":\"bob\",[^}]+\\}\\],\"count\":4,\"next\":\"bob\"\\}");
        assertThat(members(asking, room, ",\"limit\":2,\"start_after\":\"bob\""))
                .containsPattern("\"members\":\\[\\{\"user\":\"cy\",[^}]+\\},\\{\"user\":null,[^}]+\\}\\],\"count\":4\\}");
        clients.add(nameless);
        clients.add(asking);
        clients.forEach(TestClient::close);
    }

    @Test
    default void inOtherTopicsThoseAreSeenWhoAskForIt() {
        String topic = deployment().topic();
        TestClient bob = deployment().client(1);
        TestClient ann = deployment().client(0);
        TestClient cy = deployment().client(2);
        subscribe(cy, topic, "");
        subscribe(bob, topic, ",\"presence\":true");
        subscribe(ann, topic, ",\"presence\":true");

        assertThat(bob.await(event("join", "ann"))).contains("\"count\":2}");
        assertThat(members(cy, topic, "")).contains("\"user\":\"ann\"").doesNotContain("\"user\":\"cy\"");
        subscribe(ann, topic, ",\"presence\":false");
        assertThat(bob.await(event("leave", "ann"))).contains("\"count\":1}");
        assertThat(cy.pending()).noneMatch(frame -> frame.contains("\"type\":\"presence\""));
        ann.close();
        bob.close();
        cy.close();
    }

    @Test
    default void aDurableSubscriberIsSeenWithoutAWord() {
        String room = room();
        TestClient bob = deployment().client(1);
        subscribe(bob, room, "");
        TestClient ann = deployment().client(0);
        subscribe(ann, room, ",\"durable\":true");
        bob.await(event("join", "ann"));
        ann.close();
        bob.await(event("leave", "ann"));

        TestClient again = deployment().client(0);
        bob.await(event("join", "ann"));

        ask(again, "\"action\":\"unsubscribe\",\"topic\":\"" + room + "\",\"durable\":true");
        bob.await(event("leave", "ann"));
        again.close();
        bob.close();
    }

    @Test
    default void aUserIsOnlineOnAnyServerAndLastSeenAfterwards() {
        String question = "\"action\":\"online\",\"users\":[\"nobody\",\"cy\"]";
        TestClient bob = deployment().client(1);
        TestClient cy = deployment().client(2);
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(ask(bob, question))
                        .contains("\"users\":[{\"user\":\"nobody\",\"online\":false,\"last_seen\":null},"
                                + "{\"user\":\"cy\",\"online\":true,\"last_seen\":null}]"));

        long beforeMs = System.currentTimeMillis();
        cy.close();
        await().atMost(PATIENCE).untilAsserted(() -> {
            String answer = ask(bob, question);
            assertThat(answer).contains("{\"user\":\"cy\",\"online\":false,\"last_seen\":1");
            assertThat(number(answer.substring(answer.indexOf("\"cy\"")), "last_seen"))
                    .isBetween(beforeMs - 60_000, System.currentTimeMillis());
        });
        bob.close();
    }
}
