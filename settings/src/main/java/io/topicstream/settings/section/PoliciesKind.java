package io.topicstream.settings.section;

import static io.topicstream.settings.Units.MIB;

import io.topicstream.log.Retention;
import io.topicstream.log.TopicPattern;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.settings.ConfigNode;
import io.topicstream.settings.EntriesKind;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Problems;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The list of policies, each for the topics of a pattern.
final class PoliciesKind extends EntriesKind<PolicyEntry> {
    /// How large the largest payload of a message may be.
    static final Kind<Long> MAX_MESSAGE = Kind.size(1, 16 * MIB);

    private static final Kind<PresencePolicy> PRESENCE =
            Kind.oneOf(List.of(PresencePolicy.values()), PresencePolicy::wireName);

    private static final Set<String> KEYS = Set.of("topics", "max_message", "presence", "keep");
    private static final KeepKind KEEP = new KeepKind();

    PoliciesKind() {
        super("a list of {topics, max_message?, presence?, keep?}; presence is one of " + PresencePolicy.wireNames()
                + "; keep is " + KEEP.allowed());
    }

    @Override
    protected @Nullable PolicyEntry entry(ConfigNode node, String path, Place where, Problems problems) {
        @Nullable Map<String, ConfigNode> members = members(node, path, KEYS, where, problems);
        if (members == null) {
            return null;
        }
        @Nullable String topics = required(members, "topics", node, path, where, problems);
        boolean right = topics != null;
        if (topics != null && !TopicPattern.isValid(topics)) {
            right = false;
            problems.add(
                    where.at(node),
                    path + ".topics is " + describe(new ConfigNode.Text(topics, 0)) + "; allowed is "
                            + TopicPattern.RULE);
        }
        @Nullable ConfigNode size = members.get("max_message");
        @Nullable
        Long maxMessage = size == null ? null : MAX_MESSAGE.read(size, path + ".max_message", where, problems);
        @Nullable ConfigNode named = members.get("presence");
        @Nullable
        PresencePolicy presence = named == null ? null : PRESENCE.read(named, path + ".presence", where, problems);
        @Nullable ConfigNode kept = members.get("keep");
        @Nullable Retention keep = kept == null ? null : KEEP.read(kept, path + ".keep", where, problems);
        if (size == null && named == null && kept == null) {
            problems.add(where.at(node), path + " says nothing; give max_message, presence or keep");
            return null;
        }
        right &= (size == null) == (maxMessage == null)
                && (named == null) == (presence == null)
                && (kept == null) == (keep == null);
        return right && topics != null
                ? new PolicyEntry(
                        new TopicPattern(topics),
                        maxMessage == null ? null : Math.toIntExact(maxMessage),
                        presence,
                        keep)
                : null;
    }

    @Override
    protected boolean fit(
            List<PolicyEntry> rules, ConfigNode.Sequence list, String path, Place where, Problems problems) {
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
    public String show(List<PolicyEntry> entries) {
        return entries.isEmpty()
                ? ""
                : entries.stream().map(PoliciesKind::show).collect(Collectors.joining(", ", "[", "]"));
    }

    private static String show(PolicyEntry entry) {
        return "{topics: \"" + entry.topics() + "\""
                + (entry.maxMessage() == null ? "" : ", max_message: " + showSize(entry.maxMessage()))
                + (entry.presence() == null
                        ? ""
                        : ", presence: " + entry.presence().wireName())
                + (entry.keep() == null ? "" : ", keep: " + KEEP.show(entry.keep()))
                + "}";
    }
}
