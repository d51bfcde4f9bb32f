package io.topicstream.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.topicstream.log.Retention;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicPoliciesTest {
    private static final TopicPolicies POLICIES = policies("chat:*=10", "chat:lobby=20", "chat:lobby*=30", "c*=40");

    /// From texts such as `chat:*=10`: the topics, and the largest payload.
    private static TopicPolicies policies(String... rules) {
        return new TopicPolicies(
                new TopicPolicy(1),
                Arrays.stream(rules)
                        .map(rule -> rule.split("=", -1))
                        .map(parts -> new TopicPolicies.Rule(
                                new TopicPattern(parts[0]), new TopicPolicy(Integer.parseInt(parts[1]))))
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({
        "chat:lobby, 20",
        "chat:lobby2, 30",
        "chat:lobb, 10",
        "chat:, 10",
        "chat, 40",
        "c, 40",
        "Chat:lobby, 1",
        "news, 1"
    })
    void theRuleThatSaysMostOfTheNameHolds(String topic, int most) {
        List<TopicPolicies.Rule> rules = new ArrayList<>(POLICIES.rules());
        Collections.shuffle(rules, new Random(topic.hashCode()));

        assertThat(POLICIES.of(new TopicName(topic)).maxPayloadBytes()).isEqualTo(most);
        assertThat(new TopicPolicies(new TopicPolicy(1), rules))
                .as("in any order")
                .isEqualTo(POLICIES);
    }

    @Test
    void aRuleForEveryTopicIsTheLastToHold() {
        TopicPolicies policies = policies("*=2", "a*=3");

        assertThat(policies.of(new TopicName("b")).maxPayloadBytes()).isEqualTo(2);
        assertThat(policies.of(new TopicName("dm:a~b")).maxPayloadBytes()).isEqualTo(2);
        assertThat(policies.of(new TopicName("ab")).maxPayloadBytes()).isEqualTo(3);
    }

    @Test
    void theLargestPayloadIsThatOfAnyTopic() {
        assertThat(POLICIES.maxPayloadBytes()).isEqualTo(40);
        assertThat(TopicPolicies.DEFAULT.maxPayloadBytes()).isEqualTo(122_880);
        assertThat(new TopicPolicies(new TopicPolicy(50), POLICIES.rules()).maxPayloadBytes())
                .isEqualTo(50);
    }

    @Test
    void twoRulesForTheSameTopicsAreRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> policies("a*=1", "b=2", "a*=1"));
        assertThat(policies("a=1", "a*=2").rules()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sys:events.connections", "sys:events.presence", "sys:dead.hook"})
    void eventsAndDeadLettersAreKeptThirtyDaysWhateverTheRulesSay(String topic) {
        TopicPolicy brief = TopicPolicy.DEFAULT.with(new Retention(1_000, 1, 1));
        TopicPolicies policies =
                new TopicPolicies(brief, List.of(new TopicPolicies.Rule(new TopicPattern("*"), brief)));

        assertThat(policies.retention().of(new TopicName(topic))).isEqualTo(Retention.DEFAULT);
        assertThat(policies.retention().of(new TopicName("dead." + topic.substring(4))))
                .isEqualTo(new Retention(1_000, 1, 1));
    }
}
