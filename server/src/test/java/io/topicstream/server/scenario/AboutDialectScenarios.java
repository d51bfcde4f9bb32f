package io.topicstream.server.scenario;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import org.junit.jupiter.api.Test;

/// What the other dialects make of replies, edits and reactions, which they do not know.
public interface AboutDialectScenarios {
    Deployment deployment();

    private static long said(TestClient client, String topic, String rest) {
        client.send("{\"action\":\"publish\",\"id\":\"p\",\"topic\":\"" + topic + "\"," + rest + "}");
        String reply = client.await("\"id\":\"p\"");
        assertThat(reply).contains("\"type\":\"reply\"");
        return number(reply, "offset");
    }

    /// Says a text, reacts to it, edits it, and says another one.
    private void talk(String topic) {
        TestClient ann = deployment().client(0);
        long offset = said(ann, topic, "\"message\":{\"text\":\"first " + topic + "\"}");
        String about = "\"about\":{\"offset\":" + offset + ",\"as\":";
        said(ann, topic, about + "\"reaction\",\"value\":\"+1\"}");
        said(ann, topic, about + "\"unreaction\",\"value\":\"+1\"}");
        said(ann, topic, "\"message\":{\"text\":\"edited " + topic + "\"}," + about + "\"edit\"}");
        ann.close();
    }

    @Test
    default void inTheTopicsDialectEachIsAMessage() {
        String topic = deployment().topic();
        TestClient live = deployment().live(1);
        live.send("{\"topic\":\"" + topic + "\",\"action\":\"subscribe\"}");
        deployment().awaitMembership(1, topic, true);
        TestClient ann = deployment().client(0);
        // So that the subscription is heard of everywhere.
        ann.close();

        talk(topic);

        String head = "{\"topic\":\"" + topic + "\",\"message\":";
        assertThat(live.next()).isEqualTo(head + "{\"text\":\"first " + topic + "\"}}");
        assertThat(live.next()).isEqualTo(head + "null}");
        assertThat(live.next()).isEqualTo(head + "null}");
        assertThat(live.next()).isEqualTo(head + "{\"text\":\"edited " + topic + "\"}}");
        live.close();
    }

    @Test
    default void inTheRoomsDialectReactionsAreNotSaid() {
        String room = deployment().topic();
        TestClient staging = deployment().staging("?userId=" + deployment().guest() + "&roomId=" + room);

        talk("room:" + room);

        assertThat(staging.await("first room:" + room)).startsWith("{\"type\":\"chat\",");
        String next = staging.await("room:" + room);
        assertThat(next).contains("edited room:" + room);
        staging.close();
    }

    @Test
    default void inTheChatDialectReactionsAreNotSaid() {
        String word = deployment().topic();
        TestClient dev = deployment().dev("");
        TestClient ann = deployment().client(0);
        long offset = said(ann, "room:lobby", "\"message\":{\"text\":\"first " + word + "\"}");
        String about = "\"about\":{\"offset\":" + offset + ",\"as\":";
        said(ann, "room:lobby", about + "\"reaction\",\"value\":\"" + word + "\"}");
        said(ann, "room:lobby", "\"message\":{\"text\":\"edited " + word + "\"}," + about + "\"edit\"}");

        assertThat(dev.await("first " + word)).contains("\"sendMessage\"");
        for (String heard = dev.next(); !heard.contains("edited " + word); heard = dev.next()) {
            assertThat(heard).doesNotContain("null", word);
        }
        ann.close();
        dev.close();
    }
}
