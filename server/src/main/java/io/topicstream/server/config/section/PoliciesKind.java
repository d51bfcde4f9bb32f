package io.topicstream.server.config.section;

import static io.topicstream.server.config.section.Units.MIB;

import io.topicstream.log.TopicPattern;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.policy.TopicPolicy;
import io.topicstream.server.config.setting.ConfigNode;
import io.topicstream.server.config.setting.Kind;
import io.topicstream.server.config.setting.Problems;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The list of policies, each for the topics of a pattern.
final class PoliciesKind extends EntriesKind<TopicPolicies.Rule> {
    /// How large the largest payload of a message may be.
    static final Kind<Long> MAX_MESSAGE = Kind.size(1, 16 * MIB);

    private static final Set<String> KEYS = Set.of("topics", "max_message");

    PoliciesKind() {
        super("a list of {topics, max_message}");
    }

    @Override
    TopicPolicies.@Nullable Rule entry(ConfigNode node, String path, Place where, Problems problems) {
        @Nullable Map<String, ConfigNode> members = members(node, path, KEYS, where, problems);
        if (members == null) {
            return null;
        }
        @Nullable String topics = required(members, "topics", node, path, where, problems);
        boolean right = topics != null && TopicPattern.isValid(topics);
        if (topics != null && !right) {
            problems.add(
                    where.at(node),
                    path + ".topics is " + describe(new ConfigNode.Text(topics, 0)) + "; allowed is "
                            + TopicPattern.RULE);
        }
        @Nullable ConfigNode written = members.get("max_message");
        @Nullable Long maxMessage = null;
        if (written == null) {
            problems.add(where.at(node), path + ".max_message is missing");
        } else {
            maxMessage = MAX_MESSAGE.read(written, path + ".max_message", where, problems);
        }
        return topics == null || !right || maxMessage == null
                ? null
                : new TopicPolicies.Rule(new TopicPattern(topics), new TopicPolicy(Math.toIntExact(maxMessage)));
    }

    @Override
    boolean fit(List<TopicPolicies.Rule> rules, ConfigNode.Sequence list, String path, Place where, Problems problems) {
        boolean right = true;
        for (int i = 0; i < rules.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (rules.get(i).topics().equals(rules.get(j).topics())) {
                    right = false;
                    problems.add(
                            where.at(list),
                            path + " has two entries for the topics '"
                                    + rules.get(i).topics() + "'");
                }
            }
        }
        return right;
    }

    @Override
    public String show(List<TopicPolicies.Rule> rules) {
        return rules.isEmpty()
                ? ""
                : rules.stream()
                        .map(rule -> "{topics: \"" + rule.topics() + "\", max_message: "
                                + showSize(rule.policy().maxPayloadBytes()) + "}")
                        .collect(Collectors.joining(", ", "[", "]"));
    }
}
