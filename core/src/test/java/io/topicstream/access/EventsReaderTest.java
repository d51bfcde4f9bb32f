package io.topicstream.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.log.TopicName;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who may read what happened.
class EventsReaderTest {
    private static Identity with(String pattern, Set<Permission> permissions) {
        return new Identity(
                "ann",
                null,
                Identity.Credential.STATIC_TOKEN,
                "t",
                List.of(new Grant(pattern, permissions)),
                Identity.NEVER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sys:events.connections", "sys:events.presence", "sys:dead.hook"})
    void administratorsReadEventsAndDoNothingElseThere(String name) {
        Identity admin = with("*", EnumSet.of(Permission.ADMIN));
        TopicName topic = new TopicName(name);

        for (Permission permission : Permission.values()) {
            assertThat(admin.may(permission, topic))
                    .as(permission.wireName())
                    .isEqualTo(permission == Permission.READ || permission == Permission.SUBSCRIBE);
        }
    }

    @Test
    void nobodyElseDoes() {
        TopicName topic = new TopicName("sys:events.connections");
        Set<Permission> allButAdmin = EnumSet.complementOf(EnumSet.of(Permission.ADMIN));

        assertThat(with("*", allButAdmin).may(Permission.READ, topic)).isFalse();
        assertThat(with("sys:*", EnumSet.allOf(Permission.class)).may(Permission.READ, topic))
                .isFalse();
        assertThat(with("sys:events.connections", EnumSet.allOf(Permission.class))
                        .may(Permission.READ, topic))
                .isFalse();
        assertThat(Identity.anonymous("a", null, Grant.DEFAULT).may(Permission.READ, topic))
                .isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sys:events", "sys:dead", "sys:node:0001", "sys:user:ann", "sys:credentials", "dm:b~c"})
    void administratorsReadNoOtherTopicThatIsReserved(String name) {
        assertThat(with("*", EnumSet.allOf(Permission.class)).may(Permission.READ, new TopicName(name)))
                .isFalse();
    }
}
