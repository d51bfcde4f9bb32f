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

    /// Users that no other story has, since they are seen in all that they do.
    ///
    /// @param room a topic of the story
    record Story(Deployment deployment, String own, String room) {
        String user(String name) {
            return "guest." + name + own;
        }

        TestClient client(String name) {
            return deployment.guest(name + own);
        }
    }

    private Story story() {
        String topic = deployment().topic();
        return new Story(deployment(), topic.substring(topic.indexOf('.')), "room:" + topic);
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
    default void whoMayNotSeeWhoIsThereIsRefusedEverywhereAndIsSeenAllTheSame() {
        Story story = story();
        String room = story.room();
        TestClient bob = story.client("bob");
        subscribe(bob, room, "");
        // The one who may subscribe, publish and read.
        TestClient dora = deployment().client(3);

        assertThat(ask(dora, "\"action\":\"subscribe\",\"topic\":\"" + room + "\",\"presence\":true"))
                .contains("\"code\":\"forbidden\"", "not allowed to see who is in", "\"retryable\":false");
        assertThat(members(dora, room, "")).contains("\"code\":\"forbidden\"", "\"topic\":\"" + room + "\"");
        assertThat(members(dora, deployment().topic(), "")).contains("\"code\":\"forbidden\"");
        assertThat(ask(dora, "\"action\":\"online\",\"users\":[\"" + story.user("bob") + "\"]"))
                .contains("\"code\":\"forbidden\"", "the permission presence on every topic");
        // The refused one did not subscribe; without presence it may.
        awaitMembers(bob, room, "\"count\":1}");
        subscribe(dora, room, "");
        awaitMembers(bob, room, "\"user\":\"dora\"");
        // Who comes is told to those alone who may know.
        TestClient ann = story.client("ann");
        subscribe(ann, room, "");
        awaitMembers(bob, room, "\"count\":3}");
        bob.send("{\"action\":\"publish\",\"topic\":\"" + room + "\",\"message\":\"last\"}");
        assertThat(upTo(dora, "\"message\":\"last\"")).noneMatch(frame -> frame.contains("\"type\":\"presence\""));
        ann.close();
        dora.close();
        bob.close();
    }

    @Test
    default void whoComesAndGoesIsToldToTheOthersWithTheNumberOfAll() {
        Story story = story();
        String room = story.room();
        TestClient bob = story.client("bob");
        subscribe(bob, room, "");
        assertThat(bob.await(event("join", story.user("bob")))).contains("\"topic\":\"" + room + "\"", "\"count\":1}");
        TestClient ann = story.client("ann");
        subscribe(ann, room, "");

        assertThat(bob.await(event("join", story.user("ann")))).contains("\"name\":null", "\"count\":2}");

        ask(ann, "\"action\":\"unsubscribe\",\"topic\":\"" + room + "\"");
        assertThat(bob.await(event("leave", story.user("ann")))).contains("\"count\":1}");
        subscribe(ann, room, "");
        bob.await(event("join", story.user("ann")));
        ann.close();
        assertThat(bob.await(event("leave", story.user("ann")))).contains("\"count\":1}");
        bob.close();
    }

    @Test
    default void twoDevicesAreOneMemberAndTheEndOfOneIsNotTold() {
        Story story = story();
        String room = story.room();
        TestClient bob = story.client("bob");
        subscribe(bob, room, "");
        TestClient ann = story.client("ann");
        TestClient again = story.client("ann");
        subscribe(ann, room, "");
        subscribe(again, room, "");
        awaitMembers(bob, room, "{\"user\":\"" + story.user("ann") + "\",\"name\":null,\"connections\":2,");
        assertThat(members(bob, room, "")).contains("\"count\":2}");

        ann.close();
        // When it counts as gone, that would have been told.
        List<String> frames = new ArrayList<>();
        await().atMost(PATIENCE).untilAsserted(() -> {
            bob.send("{\"action\":\"members\",\"id\":\"m\",\"topic\":\"" + room + "\"}");
            frames.addAll(upTo(bob, "\"id\":\"m\""));
            assertThat(frames.getLast())
                    .contains("{\"user\":\"" + story.user("ann") + "\",\"name\":null,\"connections\":1,");
        });
        if (deployment().timesToSay() == 1) {
            assertThat(frames).noneMatch(frame -> frame.contains(event("leave", story.user("ann"))));
        }
        again.close();
        assertThat(bob.await(event("leave", story.user("ann")))).contains("\"count\":1}");
        bob.close();
    }

    @Test
    default void oneWhoConnectsAgainSoonWasNeverGone() {
        Story story = story();
        String room = story.room();
        TestClient bob = story.client("bob");
        subscribe(bob, room, "");
        TestClient ann = story.client("ann");
        subscribe(ann, room, "");
        bob.await(event("join", story.user("ann")));

        ann.close();
        TestClient again = story.client("ann");
        subscribe(again, room, "");
        awaitMembers(again, room, "{\"user\":\"" + story.user("ann") + "\",\"name\":null,\"connections\":1,");
        TestClient cy = story.client("cy");
        subscribe(cy, room, "");

        List<String> frames = upTo(bob, event("join", story.user("cy")));
        if (deployment().timesToSay() == 1) {
            assertThat(frames).noneMatch(frame -> frame.contains("\"user\":\"" + story.user("ann") + "\""));
        }
        again.close();
        cy.close();
        bob.close();
    }

    @Test
    default void membersComeInPagesByUser() {
        Story story = story();
        String room = story.room();
        List<TestClient> clients = new ArrayList<>();
        for (String name : List.of("cy", "bob", "ann")) {
            clients.add(story.client(name));
            subscribe(clients.getLast(), room, "");
        }
        TestClient nameless = deployment().client();
        subscribe(nameless, room, "");
        TestClient asking = deployment().client();
        awaitMembers(asking, room, "\"count\":4}");

        assertThat(members(asking, room, ",\"limit\":2"))
                .containsPattern("\"members\":\\[\\{\"user\":\"" + story.user("ann")
                        + "\",\"name\":null,\"connections\":1,\"since\":\\d+\\}," + "\\{\"user\":\"" + story.user("bob")
                        + "\",[^}]+\\}\\],\"count\":4,\"next\":\"" + story.user("bob") + "\"\\}");
        assertThat(members(asking, room, ",\"limit\":2,\"start_after\":\"" + story.user("bob") + "\""))
                .containsPattern("\"members\":\\[\\{\"user\":\"" + story.user("cy")
                        + "\",[^}]+\\},\\{\"user\":null,[^}]+\\}\\],\"count\":4\\}");
        clients.add(nameless);
        clients.add(asking);
        clients.forEach(TestClient::close);
    }

    @Test
    default void inOtherTopicsThoseAreSeenWhoAskForIt() {
        Story story = story();
        String topic = deployment().topic();
        TestClient bob = story.client("bob");
        TestClient ann = story.client("ann");
        TestClient cy = story.client("cy");
        subscribe(cy, topic, "");
        subscribe(bob, topic, ",\"presence\":true");
        bob.await(event("join", story.user("bob")));
        subscribe(ann, topic, ",\"presence\":true");

        assertThat(bob.await(event("join", story.user("ann")))).contains("\"count\":2}");
        assertThat(members(cy, topic, ""))
                .contains("\"user\":\"" + story.user("ann") + "\"")
                .doesNotContain("\"user\":\"" + story.user("cy") + "\"");
        subscribe(ann, topic, ",\"presence\":false");
        assertThat(bob.await(event("leave", story.user("ann")))).contains("\"count\":1}");
        assertThat(cy.pending()).noneMatch(frame -> frame.contains("\"type\":\"presence\""));
        ann.close();
        bob.close();
        cy.close();
    }

    @Test
    default void aDurableSubscriberIsSeenWithoutAWord() {
        Story story = story();
        String room = story.room();
        TestClient bob = story.client("bob");
        subscribe(bob, room, "");
        TestClient ann = story.client("ann");
        subscribe(ann, room, ",\"durable\":true");
        bob.await(event("join", story.user("ann")));
        ann.close();
        bob.await(event("leave", story.user("ann")));

        TestClient again = story.client("ann");
        bob.await(event("join", story.user("ann")));

        ask(again, "\"action\":\"unsubscribe\",\"topic\":\"" + room + "\",\"durable\":true");
        bob.await(event("leave", story.user("ann")));
        again.close();
        bob.close();
    }

    @Test
    default void aUserIsOnlineOnAnyServerAndLastSeenAfterwards() {
        Story story = story();
        String question = "\"action\":\"online\",\"users\":[\"nobody\",\"" + story.user("cy") + "\"]";
        TestClient bob = story.client("bob");
        TestClient cy = story.client("cy");
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(ask(bob, question))
                        .contains("\"users\":[{\"user\":\"nobody\",\"online\":false,\"last_seen\":null},"
                                + "{\"user\":\"" + story.user("cy") + "\",\"online\":true,\"last_seen\":null}]"));

        long beforeMs = System.currentTimeMillis();
        cy.close();
        await().atMost(PATIENCE).untilAsserted(() -> {
            String answer = ask(bob, question);
            assertThat(answer).contains("{\"user\":\"" + story.user("cy") + "\",\"online\":false,\"last_seen\":1");
            assertThat(number(answer.substring(answer.indexOf(story.user("cy"))), "last_seen"))
                    .isBetween(beforeMs - 60_000, System.currentTimeMillis());
        });
        bob.close();
    }
}
