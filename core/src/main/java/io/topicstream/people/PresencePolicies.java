package io.topicstream.people;

import io.topicstream.log.TopicName;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.policy.TopicPolicies;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// What is kept and told of who is in each topic: what the owner of a room has said of it, else what is configured.
/// Thread-safe.
///
/// Where presence is configured to be off it is off; no owner of a room changes that. What an owner has said stands in
/// the room's record and is looked up each time: nothing is kept here for a room that nobody uses.
public final class PresencePolicies {
    private final TopicPolicies configured;
    private final Rooms rooms;

    public PresencePolicies(TopicPolicies configured, Rooms rooms) {
        this.configured = configured;
        this.rooms = rooms;
    }

    /// What is configured for the topic.
    PresencePolicy configured(TopicName topic) {
        return configured.of(topic).presence();
    }

    /// What holds for the topic where that is known at once; null for a room, which may have an owner.
    public @Nullable PresencePolicy known(TopicName topic) {
        PresencePolicy policy = configured(topic);
        return policy != PresencePolicy.OFF && Rooms.isRoom(topic) ? null : policy;
    }

    /// What holds for the topic: at once where it is [#known].
    public CompletionStage<PresencePolicy> of(TopicName topic) {
        PresencePolicy known = known(topic);
        return known != null
                ? CompletableFuture.completedFuture(known)
                : rooms.find(topic).thenApply(room -> {
                    PresencePolicy own = room == null ? null : room.presence();
                    return own == null ? configured(topic) : own;
                });
    }
}
