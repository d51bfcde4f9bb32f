package io.topicstream.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.Identity;
import io.topicstream.access.Speaker;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.WireFormat;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SessionRecordTest {
    private static SessionRecord record(Attributes attributes) {
        return new SessionRecord(
                "c1",
                Identity.anonymous("zoe", "Zoë", List.of()),
                "v1",
                WireFormat.NATIVE,
                InetAddress.getLoopbackAddress(),
                attributes);
    }

    @Test
    void aDialectLearnsFromItWhoSpeaks() {
        Speaker speaker = record(new Attributes(Map.of("room", "lobby")));

        assertThat(speaker.connectionId()).isEqualTo("c1");
        assertThat(speaker.identity().user()).isEqualTo("guest.zoe");
        assertThat(speaker.attribute("room")).isEqualTo("lobby");
        assertThat(speaker.attribute("name")).isNull();
    }

    @Test
    void newCredentialsChangeNothingElse() {
        SessionRecord before = record(new Attributes(Map.of("room", "lobby")));
        Identity renewed = Identity.anonymous("zoe", "Zoë B.", List.of());

        SessionRecord after = before.with(renewed);

        assertThat(after.identity()).isEqualTo(renewed);
        assertThat(after).usingRecursiveComparison().ignoringFields("identity").isEqualTo(before);
    }

    @Test
    void aMoveChangesTheRoomAndNothingElse() {
        SessionRecord before = record(new Attributes(Map.of(Speaker.ROOM, "the den", Speaker.USER_ID, "Zoë")));

        SessionRecord after = before.in("café");

        assertThat(before.room()).isEqualTo(new TopicName("room:the~20den"));
        assertThat(after.room()).isEqualTo(new TopicName("room:caf~C3~A9"));
        assertThat(after.attribute(Speaker.USER_ID)).isEqualTo("Zoë");
        assertThat(SessionCodec.decode(SessionCodec.encode(after))).isEqualTo(after);
        assertThat(record(Attributes.NONE).room()).isNull();
    }

    @Test
    void whatIsWithheldIsWithheldByConnectionUnlessATagSaysMore() {
        assertThat(record(Attributes.NONE).withheldTag()).isEqualTo("c1");
        assertThat(record(new Attributes(Map.of(Speaker.WITHHELD, "client:a"))).withheldTag())
                .isEqualTo("client:a");
        assertThat(record(Attributes.NONE).present().isForgottenAtOnce()).isFalse();
        assertThat(record(new Attributes(Map.of(Speaker.ROOM, "a"))).present().isForgottenAtOnce())
                .isTrue();
    }

    @Test
    void attributesDoNotChangeWithTheMapTheyWereMadeOf() {
        Map<String, String> values = new HashMap<>(Map.of("room", "lobby"));
        Attributes attributes = new Attributes(values);

        values.put("room", "kitchen");

        assertThat(attributes.get("room")).isEqualTo("lobby");
    }

    @Test
    void attributesAreFewAndShort() {
        Map<String, String> most = IntStream.range(0, Attributes.MAX_COUNT)
                .mapToObj(String::valueOf)
                .collect(Collectors.toMap(name -> name, _ -> "x".repeat(Attributes.MAX_LENGTH)));
        assertThat(new Attributes(most).values()).hasSize(Attributes.MAX_COUNT);
        Map<String, String> more = new HashMap<>(most);
        more.put("one more", "");

        assertThatThrownBy(() -> new Attributes(more)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Attributes(Map.of("long", "x".repeat(Attributes.MAX_LENGTH + 1))))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Attributes(Map.of("", "nameless"))).isInstanceOf(IllegalArgumentException.class);
    }
}
