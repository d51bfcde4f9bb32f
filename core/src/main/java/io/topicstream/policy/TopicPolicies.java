package io.topicstream.policy;

import io.topicstream.log.Retention;
import io.topicstream.log.RetentionRules;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.signal.SystemTopics;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which policy holds for which topic. Of the rules that match, the one that says most of the name: a name
/// before a beginning of it, a longer beginning before a shorter one. So their order means nothing.
///
/// @param byDefault where no rule matches
/// @param rules the one that says most in front
public record TopicPolicies(TopicPolicy byDefault, List<Rule> rules) {
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private static final Comparator<Rule> MOST_FIRST = Comparator.<Rule, Boolean>comparing(
                    rule -> rule.topics().isOpen())
            .thenComparingInt(rule -> -rule.topics().text().length());

    /// How long events and dead letters are kept; no rule changes that.
    private static final Retention OF_EVENTS = Retention.DEFAULT;

    /// The topics in which people meet: who is in them is told by name where nothing else is configured.
    public static final List<TopicPattern> MEETING = List.of(new TopicPattern("room:*"), new TopicPattern("dm:*"));

    /// What holds where nothing is configured.
    public static final TopicPolicies DEFAULT = new TopicPolicies(
            TopicPolicy.DEFAULT,
            MEETING.stream()
                    .map(topics -> new Rule(topics, TopicPolicy.DEFAULT.with(PresencePolicy.NAMES)))
                    .toList());

    /// A policy for some topics.
    public record Rule(TopicPattern topics, TopicPolicy policy) {}

    public TopicPolicies {
        rules = rules.stream().sorted(MOST_FIRST).toList();
        if (rules.stream().map(Rule::topics).distinct().count() < rules.size()) {
            throw new IllegalArgumentException("two rules are for the same topics");
        }
    }

    /// The policy of the topic. Called for each append, so it makes nothing.
    public TopicPolicy of(TopicName topic) {
        for (int i = 0; i < rules.size(); i++) {
            Rule rule = rules.get(i);
            if (rule.topics().matches(topic)) {
                return rule.policy();
            }
        }
        return byDefault;
    }

    /// The largest payload that any topic takes.
    public int maxPayloadBytes() {
        return rules.stream()
                .mapToInt(rule -> rule.policy().maxPayloadBytes())
                .reduce(byDefault.maxPayloadBytes(), Math::max);
    }

    /// What an engine is handed: how long messages are kept.
    public RetentionRules retention() {
        long fingerprint = rules.stream()
                .map(rule -> rule.topics().text() + " " + rule.policy().retention())
                .reduce(fold(1, byDefault.retention() + " events " + OF_EVENTS), TopicPolicies::fold, (a, b) -> a ^ b);
        return new RetentionRules() {
            @Override
            public @Nullable Retention of(TopicName topic) {
                return SystemTopics.hasEvents(topic)
                        ? OF_EVENTS
                        : TopicPolicies.this.of(topic).retention();
            }

            @Override
            public long fingerprint() {
                return fingerprint;
            }
        };
    }

    private static long fold(long sum, String text) {
        long folded = sum;
        for (int i = 0; i < text.length(); i++) {
            folded = (folded ^ text.charAt(i)) * PRIME;
            folded ^= folded >>> 29;
        }
        return folded;
    }
}
