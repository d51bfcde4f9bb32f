package io.topicstream.settings.section;

import io.topicstream.log.TopicPattern;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.policy.TopicPolicy;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What holds for some topics and not for others: makes [TopicPolicies]. Where no entry says otherwise, the
/// limits of all messages hold, presence as [TopicPolicies#DEFAULT] has it, and the engine's own retention.
public final class PolicySection {
    public static final Rows ROWS = new Rows();

    public static final Setting<List<PolicyEntry>> POLICIES = ROWS.add(
            "policies",
            new PoliciesKind(),
            List.of(),
            "What holds for topics of a name, or of a beginning of one; of several the longest counts");

    private final List<PolicyEntry> entries;
    private final TopicPolicy general;

    private PolicySection(List<PolicyEntry> entries, TopicPolicy general) {
        this.entries = entries;
        this.general = general;
    }

    /// What the settings say.
    public static TopicPolicies of(Values values) {
        return new PolicySection(values.get(POLICIES), new TopicPolicy(values.bytes(MessageSection.PAYLOAD_BYTES)))
                .policies();
    }

    private TopicPolicies policies() {
        List<TopicPolicies.Rule> rules = Stream.concat(
                        entries.stream().map(PolicyEntry::topics), TopicPolicies.MEETING.stream())
                .distinct()
                .map(topics -> new TopicPolicies.Rule(topics, policy(topics)))
                .toList();
        return new TopicPolicies(general, rules);
    }

    private TopicPolicy policy(TopicPattern topics) {
        Integer maxMessage = said(topics, PolicyEntry::maxMessage);
        PresencePolicy presence = said(topics, PolicyEntry::presence);
        boolean isMeeting = TopicPolicies.MEETING.stream()
                .anyMatch(meeting -> new PolicyEntry(meeting, null, null, null).covers(topics));
        return new TopicPolicy(
                maxMessage == null ? general.maxPayloadBytes() : maxMessage,
                presence != null ? presence : isMeeting ? PresencePolicy.NAMES : general.presence(),
                said(topics, PolicyEntry::keep));
    }

    /// What the entry says that says most of the name, of those that say something of it.
    private <T> @Nullable T said(TopicPattern topics, Function<PolicyEntry, @Nullable T> what) {
        return entries.stream()
                .filter(entry -> entry.covers(topics) && what.apply(entry) != null)
                .max(Comparator.comparingInt(
                                (PolicyEntry entry) -> entry.topics().isOpen() ? 0 : 1)
                        .thenComparingInt(entry -> entry.topics().text().length()))
                .map(what)
                .orElse(null);
    }
}
