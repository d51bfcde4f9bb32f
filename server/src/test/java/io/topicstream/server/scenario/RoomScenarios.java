package io.topicstream.server.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Rooms: whose they are, and how they are found.
public interface RoomScenarios extends RoomPolicyScenarios, RoomDeletionScenarios {
    @Override
    Deployment deployment();

    private static String ask(TestClient client, String frame) {
        client.send("{\"id\":\"q\"," + frame + "}");
        return client.await("\"id\":\"q\"");
    }

    @Test
    default void aRoomBelongsToItsMaker() {
        String topic = "room:" + deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);

        String made = ask(ann, "\"action\":\"room\",\"topic\":\"" + topic + "\",\"title\":\"Tea 😀\"");
        assertThat(made)
                .startsWith("{\"type\":\"reply\",\"id\":\"q\",\"topic\":\"" + topic
                        + "\",\"title\":\"Tea 😀\",\"owner\":\"ann\",\"created\":");
        assertThat(ask(bob, "\"action\":\"room\",\"topic\":\"" + topic + "\",\"title\":\"Mine\""))
                .contains("\"code\":\"forbidden\"");
        assertThat(ask(ann, "\"action\":\"room\",\"topic\":\"" + topic + "\"")).isEqualTo(made);
        assertThat(ask(ann, "\"action\":\"room\",\"topic\":\"" + topic + "\",\"title\":\"Coffee\""))
                .isEqualTo(made.replace("Tea 😀", "Coffee"));

        assertThat(ask(bob, "\"action\":\"rooms\",\"prefix\":\"" + topic + "\""))
                .contains("{\"topic\":\"" + topic + "\",\"title\":\"Coffee\",\"owner\":\"ann\",\"created\":")
                .doesNotContain("\"next\"");
        ann.close();
        bob.close();
    }

    @Test
    default void onlyUsersHaveRoomsAndOnlyInTheirNamespace() {
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient nobody = deployment().client();

        assertThat(ask(ann, "\"action\":\"room\",\"topic\":\"" + topic + "\"")).contains("\"code\":\"bad_topic\"");
        assertThat(ask(ann, "\"action\":\"room\",\"topic\":\"dm:a~b\"")).contains("\"code\":\"bad_topic\"");
        assertThat(ask(nobody, "\"action\":\"room\",\"topic\":\"room:" + topic + "\""))
                .contains("\"code\":\"forbidden\"");
        assertThat(ask(
                        ann,
                        "\"action\":\"room\",\"topic\":\"room:" + topic + "\",\"title\":\"" + "x".repeat(201) + "\""))
                .contains("\"type\":\"error\"");
        for (TestClient client : List.of(ann, nobody)) {
            client.close();
        }
    }

    @Test
    default void roomsAreListedByNameInPagesAndByOwner() {
        String prefix = "room:" + deployment().topic() + ".";
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        for (String room : List.of("c", "a", "d")) {
            ask(ann, "\"action\":\"room\",\"topic\":\"" + prefix + room + "\"");
        }
        ask(bob, "\"action\":\"room\",\"topic\":\"" + prefix + "b\"");

        assertThat(ask(bob, "\"action\":\"rooms\",\"prefix\":\"" + prefix + "\""))
                .containsSubsequence(prefix + "a", prefix + "b", "\"owner\":\"bob\"", prefix + "c", prefix + "d");
        assertThat(ask(bob, "\"action\":\"rooms\",\"prefix\":\"" + prefix + "\",\"limit\":2"))
                .containsSubsequence(prefix + "a", prefix + "b", "\"next\":\"" + prefix + "b\"")
                .doesNotContain(prefix + "c");
        assertThat(ask(
                        bob,
                        "\"action\":\"rooms\",\"prefix\":\"" + prefix + "\",\"limit\":5,\"start_after\":\"" + prefix
                                + "b\""))
                .containsSubsequence(prefix + "c", prefix + "d")
                .doesNotContain(prefix + "b");
        assertThat(ask(bob, "\"action\":\"rooms\",\"owner\":\"ann\",\"prefix\":\"" + prefix + "\""))
                .containsSubsequence(prefix + "a", prefix + "c", prefix + "d")
                .doesNotContain(prefix + "b");
        ann.close();
        bob.close();
    }
}
