package io.topicstream.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.access.Identity.Credential;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class IdentityTableTest {
    private record Role(String name, List<Grant> grants) {}

    private static final Role DEFAULT = new Role("default", Grant.DEFAULT);
    private static final Role READER = new Role("reader", List.of(grant("news:*", Permission.READ)));
    private static final Role LISTENER =
            new Role("listener", List.of(grant("news:*", Permission.SUBSCRIBE, Permission.READ)));
    private static final Role ONE_TOPIC = new Role("one topic", List.of(grant("news:eu", Permission.PUBLISH)));
    private static final Role TWO_GRANTS =
            new Role("two grants", List.of(grant("news:*", Permission.READ), grant("news:eu", Permission.PUBLISH)));
    private static final Role ADMIN = new Role("admin", List.of(new Grant("*", EnumSet.allOf(Permission.class))));
    private static final Role RESERVED = new Role(
            "reserved",
            List.of(new Grant("dm:*", EnumSet.allOf(Permission.class)), grant("sys:node:1", Permission.READ)));
    private static final Role NOBODY = new Role("nobody", List.of());

    private static final List<Role> ROLES =
            List.of(DEFAULT, READER, LISTENER, ONE_TOPIC, TWO_GRANTS, ADMIN, RESERVED, NOBODY);
    private static final List<String> TOPICS = List.of(
            "news:eu",
            "news:eu:west",
            "news:us",
            "news",
            "newsroom",
            "chat",
            "NEWS:eu",
            "dm:a~b",
            "dm:",
            "sys:node:1",
            "sys:x",
            "dm",
            "sys");

    /// Every cell that is allowed, as role, permission and topic; all others are refused.
    private static final Set<String> ALLOWED = allowed();

    private static Set<String> allowed() {
        List<String> cells = new ArrayList<>();
        for (String topic :
                List.of("news:eu", "news:eu:west", "news:us", "news", "newsroom", "chat", "NEWS:eu", "dm", "sys")) {
            for (String permission : List.of("publish", "subscribe", "read", "presence")) {
                cells.add("default " + permission + " " + topic);
                cells.add("admin " + permission + " " + topic);
            }
            cells.add("admin admin " + topic);
            cells.add("admin metrics " + topic);
        }
        for (String topic : List.of("news:eu", "news:eu:west", "news:us")) {
            cells.add("reader read " + topic);
            cells.add("listener read " + topic);
            cells.add("listener subscribe " + topic);
            cells.add("two grants read " + topic);
        }
        cells.add("one topic publish news:eu");
        cells.add("two grants publish news:eu");
        return Set.copyOf(cells);
    }

    private static Grant grant(String pattern, Permission first, Permission... more) {
        return new Grant(pattern, EnumSet.of(first, more));
    }

    @TestFactory
    Stream<DynamicTest> everyRoleMayWhatItsGrantsSayAndNothingElse() {
        return ROLES.stream()
                .flatMap(role -> Stream.of(Permission.values())
                        .flatMap(permission -> TOPICS.stream().map(topic -> {
                            String cell = role.name() + " " + permission.wireName() + " " + topic;
                            return DynamicTest.dynamicTest(cell, () -> {
                                Identity key = new Identity(
                                        "u", null, Credential.API_KEY, "id", role.grants(), Identity.NEVER);
                                Identity guest = Identity.anonymous("u", null, role.grants());

                                boolean allowed = ALLOWED.contains(cell);
                                assertThat(key.may(permission, new TopicName(topic)))
                                        .isEqualTo(allowed);
                                assertThat(guest.may(permission, new TopicName(topic)))
                                        .isEqualTo(allowed);
                            });
                        })));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a*b", "**", "a b*", "news/*", ".hidden", "ünews*", "*x", "a\u0000*"})
    void aPatternThatIsNoBeginningOfATopicIsRefused(String pattern) {
        assertThatThrownBy(() -> grant(pattern, Permission.READ)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whatIsAMatterOfTheWholeServerIsGrantedForEveryTopic() {
        Grant everywhere = grant("*", Permission.METRICS);
        Grant somewhere = grant("news*", Permission.METRICS, Permission.ADMIN);

        Identity identity =
                new Identity("u", null, Credential.API_KEY, "id", List.of(somewhere, everywhere), Identity.NEVER);

        assertThat(identity.mayEverywhere(Permission.METRICS)).isTrue();
        assertThat(identity.mayEverywhere(Permission.ADMIN)).isFalse();
        assertThat(Identity.anonymous(null, null, Grant.DEFAULT).mayEverywhere(Permission.METRICS))
                .isFalse();
    }

    @Test
    void aGrantOfNothingIsRefused() {
        assertThatThrownBy(() -> new Grant("*", Set.of())).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aGuestIsNeverAUserAndAUserNeverAGuest() {
        assertThat(Identity.anonymous("alice", null, List.of()).user()).isEqualTo("guest.alice");
        assertThatThrownBy(() -> new Identity("guest.alice", null, Credential.API_KEY, "k", List.of(), Identity.NEVER))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Identity("alice", null, Credential.NONE, null, List.of(), Identity.NEVER))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Identity.anonymous("guest.alice", null, List.of()))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aCredentialEndsAtItsInstantAndNotBefore() {
        Identity identity = new Identity("u", null, Credential.STATIC_TOKEN, "t", List.of(), 1000);

        assertThat(identity.isExpired(999)).isFalse();
        assertThat(identity.isExpired(1000)).isTrue();
    }
}
