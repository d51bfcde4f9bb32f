package io.topicstream.policy;

import io.topicstream.log.Retention;
import org.jspecify.annotations.Nullable;

/// What holds for a topic.
///
/// @param maxPayloadBytes the largest payload of a message
/// @param presence what is kept and told of who is in it
/// @param retention how long its messages are kept; null where nothing says so, and the engine's default holds
public record TopicPolicy(
        int maxPayloadBytes,
        PresencePolicy presence,
        @Nullable Retention retention) {
    /// What holds where nothing is configured: messages of 120 KiB, and presence on request.
    public static final TopicPolicy DEFAULT = new TopicPolicy(120 * 1024);

    public TopicPolicy {
        if (maxPayloadBytes < 1) {
            throw new IllegalArgumentException("a message may have at least one byte: " + maxPayloadBytes);
        }
    }

    /// One that says nothing of retention.
    public TopicPolicy(int maxPayloadBytes, PresencePolicy presence) {
        this(maxPayloadBytes, presence, null);
    }

    /// One with presence on request.
    public TopicPolicy(int maxPayloadBytes) {
        this(maxPayloadBytes, PresencePolicy.ON_REQUEST);
    }

    /// The same with another presence.
    public TopicPolicy with(PresencePolicy other) {
        return new TopicPolicy(maxPayloadBytes, other, retention);
    }

    /// The same with another retention.
    public TopicPolicy with(@Nullable Retention other) {
        return new TopicPolicy(maxPayloadBytes, presence, other);
    }
}
