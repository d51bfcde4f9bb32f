package io.topicstream.server.scenario;

import static io.topicstream.server.JsonTexts.number;
import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.server.TestClient;
import org.junit.jupiter.api.Test;

/// What was said is taken back: by whom it may be, who is told, and what is left of it in each dialect.
/// Played by the users of the keys, `ann` and `bob`.
public interface RedactScenarios {
    Deployment deployment();

    /// The answer to a frame.
    static String asked(TestClient client, String frame) {
        client.send("{\"id\":\"asked\"," + frame + "}");
        return client.await("\"id\":\"asked\"");
    }

    /// The offset of a message that is published.
    static long publish(TestClient client, String topic, String message) {
        return number(
                asked(client, "\"action\":\"publish\",\"topic\":\"" + topic + "\",\"message\":" + message), "offset");
    }

    private static String redact(TestClient client, String topic, long offset) {
        return asked(client, "\"action\":\"redact\",\"topic\":\"" + topic + "\",\"offset\":" + offset);
    }

    private static String read(TestClient client, String topic) {
        return asked(client, "\"action\":\"read\",\"topic\":\"" + topic + "\",\"after\":0");
    }

    @Test
    default void anAuthorTakesAMessageBackAndThoseWhoListenAreTold() {
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        asked(bob, "\"action\":\"subscribe\",\"topic\":\"" + topic + "\"");
        assertThat(publish(ann, topic, "{\"text\":\"first\"}")).isEqualTo(1);
        assertThat(publish(ann, topic, "{\"text\":\"a slip\"}")).isEqualTo(2);
        bob.await("a slip");

        assertThat(redact(ann, topic, 2)).contains("\"topic\":\"" + topic + "\"", "\"offset\":2");

        if (!deployment().signalsAreLost()) {
            assertThat(bob.await("\"type\":\"redacted\""))
                    .isEqualTo("{\"type\":\"redacted\",\"topic\":\"" + topic + "\",\"offsets\":[2]}");
        }
        assertThat(read(bob, topic))
                .doesNotContain("a slip")
                .contains("\"from\":\"ann\",\"message\":null,\"redacted\":true}");
        assertThat(publish(ann, topic, "{\"text\":\"third\"}")).isEqualTo(3);
        assertThat(redact(ann, topic, 2)).as("twice").contains("\"offset\":2");
        ann.close();
        bob.close();
    }

    @Test
    default void whatAMessageWasEditedToIsTakenBackWithIt() {
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        publish(ann, topic, "\"a slip\"");
        publish(ann, topic, "\"a worse slip\",\"about\":{\"offset\":1,\"as\":\"edit\"}");
        publish(ann, topic, "\"a reply\",\"about\":{\"offset\":1,\"as\":\"reply\"}");

        assertThat(redact(ann, topic, 1)).contains("\"offset\":1");

        assertThat(read(ann, topic)).doesNotContain("slip").contains("\"a reply\"");
        ann.close();
    }

    @Test
    default void whoCatchesUpGetsItTakenBackInItsPlace() {
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        for (int i = 1; i <= 3; i++) {
            publish(ann, topic, "\"said " + i + "\"");
        }
        redact(ann, topic, 2);

        TestClient bob = deployment().client(1);
        bob.send("{\"action\":\"subscribe\",\"id\":\"s\",\"topic\":\"" + topic + "\",\"from\":\"earliest\"}");
        bob.await("said 1");
        assertThat(bob.await("\"offset\":2"))
                .contains("\"message\":null", "\"redacted\":true")
                .doesNotContain("said 2");
        bob.await("said 3");
        ann.close();
        bob.close();
    }

    @Test
    default void othersMayNotAndGuestsMayNot() {
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        String guest = deployment().guest();
        TestClient stranger = deployment().client(guest);
        TestClient nobody = deployment().client();
        publish(ann, topic, "\"of ann\"");
        publish(stranger, topic, "\"of a guest\"");

        assertThat(redact(bob, topic, 1)).contains("\"code\":\"forbidden\"");
        assertThat(redact(stranger, topic, 1)).contains("\"code\":\"forbidden\"");
        assertThat(redact(nobody, topic, 1)).contains("\"code\":\"forbidden\"");
        assertThat(redact(stranger, topic, 2)).as("anybody may call himself so").contains("\"code\":\"forbidden\"");
        assertThat(redact(ann, topic, 2)).contains("\"code\":\"forbidden\"");
        assertThat(redact(ann, topic, 3)).contains("\"code\":\"forbidden\"");
        assertThat(redact(ann, "sys:user:ann", 1)).contains("\"code\":\"forbidden\"");
        assertThat(redact(ann, "dm:bob~cy", 1)).contains("\"code\":\"forbidden\"");
        assertThat(asked(ann, "\"action\":\"redact\",\"topic\":\"" + topic + "\""))
                .contains("\"code\":\"bad_frame\"");
        assertThat(read(bob, topic)).contains("of ann", "of a guest").doesNotContain("redacted");
        ann.close();
        bob.close();
        stranger.close();
        nobody.close();
    }

    @Test
    default void theOwnerOfARoomTakesBackWhatOthersSaidThere() {
        String room = "room:" + deployment().topic();
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        asked(ann, "\"action\":\"room\",\"topic\":\"" + room + "\",\"title\":\"mine\"");
        long offset = publish(bob, room, "{\"text\":\"a curse\"}");

        assertThat(redact(ann, room, offset)).contains("\"offset\":" + offset);

        assertThat(read(bob, room)).doesNotContain("a curse").contains("\"from\":\"bob\"", "\"redacted\":true");
        assertThat(redact(ann, room, offset + 1)).contains("\"code\":\"not_found\"");
        ann.close();
        bob.close();
    }

    @Test
    default void aChatOfTwoIsTakenBackByWhoSaidIt() {
        TestClient ann = deployment().client(0);
        TestClient bob = deployment().client(1);
        String secret = "secret." + deployment().topic();
        long offset = number(
                asked(ann, "\"action\":\"send\",\"to\":\"bob\",\"message\":{\"text\":\"" + secret + "\"}"), "offset");

        assertThat(redact(bob, PrivacyScenarios.CHAT, offset)).contains("\"code\":\"forbidden\"");
        assertThat(redact(ann, PrivacyScenarios.CHAT, offset)).contains("\"offset\":" + offset);

        assertThat(asked(bob, "\"action\":\"read\",\"topic\":\"" + PrivacyScenarios.CHAT + "\""))
                .doesNotContain(secret);
        PrivacyScenarios.end(ann, bob);
    }

    @Test
    default void anIdOfWhatWasTakenBackIsKnownAsBefore() {
        String topic = deployment().topic();
        TestClient ann = deployment().client(0);
        String publish = "\"action\":\"publish\",\"topic\":\"" + topic + "\",\"message_id\":\"m\",\"message\":";
        long offset = number(asked(ann, publish + "1"), "offset");
        redact(ann, topic, offset);

        assertThat(number(asked(ann, publish + "1"), "offset")).isEqualTo(offset);
        assertThat(asked(ann, publish + "2")).contains("\"code\":\"id_conflict\"");
        assertThat(read(ann, topic)).contains("\"message\":null,\"message_id\":\"m\",\"redacted\":true");
        ann.close();
    }
}
