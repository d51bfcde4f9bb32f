package io.topicstream.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.topicstream.log.Retention;
import io.topicstream.log.RetentionRules;
import io.topicstream.log.TopicName;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.policy.TopicPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoliciesTest {
    @Test
    void policiesAreForSomeTopicsAndLimitsForTheOthers(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(directory.resolve("topicstream.yaml"), """
                policies:
                  - topics: "chat:*"
                    max_message: 4KiB
                  - {topics: chat:lobby, max_message: 512}
                limits: {messages: {payload_bytes: 8KiB}}
                """);

        TopicPolicies policies =
                ServerConfig.load(file, Map.of(), Map.of()).config().policies();

        assertThat(policies.of(new TopicName("chat:lobby")).maxPayloadBytes()).isEqualTo(512);
        assertThat(policies.of(new TopicName("chat:1")).maxPayloadBytes()).isEqualTo(4096);
        assertThat(policies.of(new TopicName("news")).maxPayloadBytes()).isEqualTo(8192);
        Map<String, String> flags = Map.of(
                "policies",
                "[{topics: chat:lobby, max_message: 512}, {topics: 'chat:*', max_message: 4KiB}]",
                "limits.messages.payload_bytes",
                "8KiB");
        assertThat(ServerConfig.load(null, Map.of(), flags).config().policies()).isEqualTo(policies);
        assertThat(ServerConfig.load(null, Map.of(), Map.of()).config().policies())
                .isEqualTo(TopicPolicies.DEFAULT);
    }

    @ParameterizedTest
    @CsvSource({
        "room:1, NAMES, 122880",
        "dm:a~b, NAMES, 122880",
        "rooms, ON_REQUEST, 122880",
        "chat:1, COUNTS, 4096",
        "chat:hall, COUNTS, 512",
        "chat:hall:2, COUNTS, 4096",
        "chat:quiet:1, OFF, 4096",
        "room:vip:1, NAMES, 7",
        "room:big:1, COUNTS, 122880"
    })
    void whatAnEntryLeavesOutHoldsAsItWouldWithoutIt(String topic, PresencePolicy presence, int maxMessage) {
        String text = "[{topics: 'chat:*', max_message: 4KiB, presence: counts}, {topics: chat:hall, max_message: 512},"
                + " {topics: 'chat:quiet*', presence: off}, {topics: 'room:vip*', max_message: 7},"
                + " {topics: 'room:big*', presence: counts}]";

        TopicPolicies policies = ServerConfig.load(null, Map.of(), Map.of("policies", text))
                .config()
                .policies();

        assertThat(policies.of(new TopicName(topic))).isEqualTo(new TopicPolicy(maxMessage, presence));
    }

    @Test
    void howLongMessagesAreKeptIsSaidByTheLongestThatSaysIt() {
        TopicPolicies policies = ServerConfig.load(null, Map.of(), Map.of("policies", """
                        [{topics: '*', keep: {age: 90s, messages: 7}}, {topics: 'chat:*', keep: {bytes: 2KiB}},
                        {topics: 'chat:a', presence: off}, {topics: dm:a~b, keep: forever}]"""))
                .config()
                .policies();
        RetentionRules rules = policies.retention();
        TopicPolicies nothing =
                ServerConfig.load(null, Map.of(), Map.of()).config().policies();

        assertThat(rules.of(new TopicName("t"))).isEqualTo(new Retention(90_000, 7, Retention.UNLIMITED));
        assertThat(rules.of(new TopicName("chat:a")))
                .isEqualTo(new Retention(Retention.UNLIMITED, Retention.UNLIMITED, 2048));
        assertThat(rules.of(new TopicName("dm:a~b"))).isEqualTo(Retention.FOREVER);
        assertThat(rules.of(new TopicName("room:1"))).isEqualTo(rules.of(new TopicName("t")));
        assertThat(nothing.retention().of(new TopicName("t"))).isNull();
        assertThat(nothing.retention().of(new TopicName("room:1"))).isNull();
        assertThat(nothing.retention().fingerprint())
                .isNotEqualTo(rules.fingerprint())
                .isEqualTo(TopicPolicies.DEFAULT.retention().fingerprint());
    }

    @Test
    void anEntryForAllTopicsIsForRoomsToo() {
        TopicPolicies policies = ServerConfig.load(null, Map.of(), Map.of("policies", "[{topics: '*', presence: off}]"))
                .config()
                .policies();

        assertThat(policies.of(new TopicName("room:1")).presence()).isEqualTo(PresencePolicy.OFF);
        assertThat(policies.of(new TopicName("t")).presence()).isEqualTo(PresencePolicy.OFF);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "chat | is no such list",
                "[chat] | [0] is none",
                "[{topics: a}] | [0] says nothing; give max_message, presence or keep",
                "[{max_message: 1KiB}] | [0].topics is missing",
                "[{topics: a, max_message: 1KiB}, {topics: b*c, max_message: 1KiB}] | [1].topics is 'b*c'; allowed is a topic",
                "[{topics: a, max_message: much}] | [0].max_message is 'much'; allowed is a size from 1B to 16MiB",
                "[{topics: a, keep: {}}] | [0].keep is a mapping; allowed is forever, or {age?, messages?, bytes?}",
                "[{topics: a, keep: always}] | [0].keep is 'always'; allowed is forever, or {age?, messages?, bytes?}",
                "[{topics: a, keep: {days: 3}}] | [0].keep.days is unknown",
                "[{topics: a, keep: {mesages: 3}}] | [0].keep.mesages is unknown; did you mean messages?",
                "[{topics: a, keep: {age: 999ms}}] | [0].keep.age is '999ms'; allowed is a time from 1s to 36500d",
                "[{topics: a, keep: {age: 36501d}}] | [0].keep.age is '36501d'",
                "[{topics: a, keep: {messages: 0}}] | [0].keep.messages is '0'; allowed is a whole number from 1",
                "[{topics: a, keep: {bytes: 0}}] | [0].keep.bytes is '0'; allowed is a size from 1B",
                "[{topics: a, presence: yes}] | [0].presence is 'yes'; allowed is one of off, on_request, counts, names",
                "[{topics: a, max_message: 0}] | [0].max_message is '0'",
                "[{topics: a, max_message: 17MiB}] | [0].max_message is '17MiB'",
                "[{topics: a, max_mesage: 1KiB}] | [0].max_mesage is unknown; did you mean max_message?",
                "[{topics: a, max_message: 1}, {topics: b, max_message: 1}, {topics: a, max_message: 2}] | has two entries for the topics 'a'",
                "[{topics: a, max_message: 1KiB}, {topics: b, max_message: 129KiB}] | [1].max_message is 129KiB; allowed is at most limits.websocket.message_bytes, which is 128KiB"
            })
    void badPoliciesAreRefusedWithTheirEntry(String text, String problem) {
        ConfigException refused = catchThrowableOfType(
                ConfigException.class, () -> ServerConfig.load(null, Map.of("TOPICSTREAM_POLICIES", text), Map.of()));

        assertThat(refused.problems())
                .singleElement()
                .asString()
                .startsWith("TOPICSTREAM_POLICIES: policies")
                .contains(problem.startsWith("[") ? "policies" + problem : problem);
    }

    @Test
    void whatIsInForceIsShownAsOneWouldWriteIt() {
        String text = "[{topics: \"chat:*\", max_message: 4KiB}, {topics: \"a\", max_message: 7B, presence: names},"
                + " {topics: \"b\", presence: on_request}, {topics: \"c\", keep: {age: 30d, messages: 5, bytes: 1GiB}},"
                + " {topics: \"d\", keep: forever}, {topics: \"e\", keep: {age: 1s}}]";
        LoadedConfig loaded = ServerConfig.load(null, Map.of(), Map.of("policies", text));

        assertThat(loaded.report()).contains(text + "  --set policies\n");
    }
}
