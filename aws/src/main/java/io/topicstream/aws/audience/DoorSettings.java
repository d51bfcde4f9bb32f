package io.topicstream.aws.audience;

import io.topicstream.command.CommandLimits;
import io.topicstream.dialect.Dialects;
import io.topicstream.door.Hosts;
import io.topicstream.door.Origins;
import io.topicstream.log.TopicName;
import io.topicstream.log.TopicPattern;
import io.topicstream.policy.TopicPolicies;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;

/// What can be chosen about a front door.
///
/// @param stages what is spoken under which stage
/// @param policies of topics
/// @param limits of what users may have
/// @param outside who else says who callers are
/// @param allowsGuests whether those are let in who show nothing
/// @param allowedOrigins pages of which origins may call without a credential; see [Origins]
/// @param hosts which hosts are served, for the HTTP door
/// @param listenersPerShard how many listeners of a topic one call serves: more are served by more calls
/// @param leftToWorkflow topics whose listeners are served when a workflow asks for it, and not by who publishes
public record DoorSettings(
        Map<String, Dialects.Name> stages,
        TopicPolicies policies,
        CommandLimits limits,
        Outside outside,
        boolean allowsGuests,
        List<String> allowedOrigins,
        Hosts hosts,
        int listenersPerShard,
        List<TopicPattern> leftToWorkflow) {
    /// As many as one call serves in good time.
    private static final int USUAL_SHARD = 200;

    /// What is spoken under the stages of a server.
    public static final Map<String, Dialects.Name> USUAL_STAGES = Map.of(
            "v1", Dialects.Name.NATIVE,
            "live", Dialects.Name.TOPICS,
            "dev", Dialects.Name.CHAT,
            "staging", Dialects.Name.ROOMS);

    /// The usual ones, of a server on this machine: guests are let in.
    public static DoorSettings local() {
        return new DoorSettings(
                USUAL_STAGES,
                TopicPolicies.DEFAULT,
                CommandLimits.DEFAULT,
                Outside.NOBODY,
                true,
                List.of(Origins.LOOPBACK),
                new Hosts(InetAddress.getLoopbackAddress(), List.of()),
                USUAL_SHARD,
                List.of());
    }

    /// Whether the listeners of a topic are served when a workflow asks for it.
    boolean leavesToWorkflow(TopicName topic) {
        return leftToWorkflow.stream().anyMatch(pattern -> pattern.means(topic));
    }

    /// The same with these limits.
    public DoorSettings withLimits(CommandLimits other) {
        return new DoorSettings(
                stages,
                policies,
                other,
                outside,
                allowsGuests,
                allowedOrigins,
                hosts,
                listenersPerShard,
                leftToWorkflow);
    }

    /// The same with these policies.
    public DoorSettings withPolicies(TopicPolicies other) {
        return new DoorSettings(
                stages, other, limits, outside, allowsGuests, allowedOrigins, hosts, listenersPerShard, leftToWorkflow);
    }

    /// The same with these who are believed about callers.
    public DoorSettings withOutside(Outside other) {
        return new DoorSettings(
                stages,
                policies,
                limits,
                other,
                allowsGuests,
                allowedOrigins,
                hosts,
                listenersPerShard,
                leftToWorkflow);
    }

    /// The same with shards of this size.
    public DoorSettings withListenersPerShard(int most) {
        return new DoorSettings(
                stages, policies, limits, outside, allowsGuests, allowedOrigins, hosts, most, leftToWorkflow);
    }

    /// The same with these topics left to a workflow.
    public DoorSettings withLeftToWorkflow(List<TopicPattern> topics) {
        return new DoorSettings(
                stages, policies, limits, outside, allowsGuests, allowedOrigins, hosts, listenersPerShard, topics);
    }
}
