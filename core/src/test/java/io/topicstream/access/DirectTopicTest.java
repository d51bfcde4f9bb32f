package io.topicstream.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.log.TopicName;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DirectTopicTest {
    @ParameterizedTest
    @CsvSource({
        "a, b, dm:a~b",
        "b, a, dm:a~b",
        "a, a, dm:a~a",
        "a, A, dm:A~a",
        "ab, a, dm:a~ab",
        "a.b, a-b, dm:a-b~a.b",
        "guest.a, b, dm:b~guest.a",
        ".x, x, dm:.x~x"
    })
    void bothNameTheSameTopic(String user, String other, String name) {
        DirectTopic topic = DirectTopic.of(user, other);

        assertThat(topic.name().value()).isEqualTo(name);
        assertThat(DirectTopic.orNull(new TopicName(name))).isEqualTo(topic);
        assertThat(topic.other(user)).isEqualTo(other);
        assertThat(topic.other(other)).isEqualTo(user);
        assertThat(DirectTopic.isOf(topic.name(), user)).isTrue();
        assertThat(DirectTopic.isOf(topic.name(), other)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dm:",
                "dm:~",
                "dm:a",
                "dm:a~",
                "dm:~a",
                "dm:b~a",
                "dm:ab~a",
                "dm:a~b~c",
                "dm:a:b~c",
                "dm:a~b:c",
                "dm:guest.~x",
                "dm:a~guest.",
                "dm:a~guest.guest.b",
                "DM:a~b",
                "dma~b",
                "a~b",
                "sys:a~b"
            })
    void aNameThatIsNotMadeSoIsNobodys(String name) {
        TopicName topic = new TopicName(name);

        assertThat(DirectTopic.orNull(topic)).isNull();
        for (String user : List.of("a", "b", "c", "ab", "x", "", "guest.", "guest.guest.b")) {
            assertThat(DirectTopic.isOf(topic, user)).as(user).isFalse();
        }
    }

    @Test
    void anyTwoUsersHaveOneHoweverLongTheirIdsAre() {
        String user = "u".repeat(Identity.MAX_USER_LENGTH);
        String guest = Identity.GUEST_PREFIX + "g".repeat(Identity.MAX_CLAIMED_LENGTH);

        for (String one : List.of(user, guest)) {
            for (String other : List.of(user, guest, "v".repeat(Identity.MAX_USER_LENGTH))) {
                TopicName topic = DirectTopic.of(one, other).name();
                assertThat(DirectTopic.isOf(topic, one)).isTrue();
                assertThat(DirectTopic.isOf(topic, other)).isTrue();
            }
        }
        assertThat(DirectTopic.orNull(new TopicName("dm:a~" + user + "u"))).isNull();
        assertThat(DirectTopic.orNull(new TopicName("dm:a~" + guest + "g"))).isNull();
    }

    @Test
    void nobodyHasOneWithWhatIsNoId() {
        for (String no : List.of("", "a b", "a~b", "a:b", "guest.", "\u00E9", "u".repeat(97))) {
            assertThatThrownBy(() -> DirectTopic.of("a", no)).as(no).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new DirectTopic("b", "a")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> DirectTopic.of("a", "b").other("c")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void onlyTheTwoMayDoAnythingThereAndAGrantMustCoverIt() {
        TopicName topic = DirectTopic.of("guest.a", "guest.b").name();
        Grant everything = new Grant("*", Set.of(Permission.values()));
        Grant rooms = new Grant("room:*", Set.of(Permission.values()));
        Grant chats = new Grant("dm:*", Set.of(Permission.READ));

        for (Permission permission : Permission.values()) {
            assertThat(guest("a", everything).may(permission, topic)).isTrue();
            assertThat(guest("b", everything).may(permission, topic)).isTrue();
            assertThat(guest("c", everything).may(permission, topic)).isFalse();
            assertThat(guest(null, everything).may(permission, topic)).isFalse();
            assertThat(guest("a", rooms).may(permission, topic)).isFalse();
            assertThat(guest("a", chats).may(permission, topic)).isEqualTo(permission == Permission.READ);
            assertThat(guest("a", everything).may(permission, new TopicName("sys:user:guest.a")))
                    .isFalse();
        }
    }

    private static Identity guest(@Nullable String claimed, Grant grant) {
        return Identity.anonymous(claimed, null, List.of(grant));
    }
}
