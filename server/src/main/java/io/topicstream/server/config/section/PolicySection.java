package io.topicstream.server.config.section;

import io.topicstream.policy.TopicPolicies;
import io.topicstream.policy.TopicPolicy;
import io.topicstream.server.config.setting.Setting;
import io.topicstream.server.config.setting.Values;
import java.util.List;

/// What holds for some topics and not for others: makes [TopicPolicies]. Where no entry says otherwise, the
/// limits of all messages hold.
public final class PolicySection {
    public static final Rows ROWS = new Rows();

    static final Setting<List<TopicPolicies.Rule>> POLICIES = ROWS.add(
            "policies",
            new PoliciesKind(),
            List.of(),
            "What holds for topics of a name, or of a beginning of one; of several the longest counts");

    private PolicySection() {}

    /// What the settings say.
    public static TopicPolicies of(Values values) {
        return new TopicPolicies(new TopicPolicy(values.bytes(MessageSection.PAYLOAD_BYTES)), values.get(POLICIES));
    }
}
