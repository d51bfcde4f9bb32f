package io.topicstream.policy;

/// What holds for a topic.
///
/// @param maxPayloadBytes the largest payload of a message
/// @param presence what is kept and told of who is in it
public record TopicPolicy(int maxPayloadBytes, PresencePolicy presence) {
    /// What holds where nothing is configured: messages of 120 KiB, and presence on request.
    public static final TopicPolicy DEFAULT = new TopicPolicy(120 * 1024);

    public TopicPolicy {
        if (maxPayloadBytes < 1) {
            throw new IllegalArgumentException("a message may have at least one byte: " + maxPayloadBytes);
        }
    }

    /// One with presence on request.
    public TopicPolicy(int maxPayloadBytes) {
        this(maxPayloadBytes, PresencePolicy.ON_REQUEST);
    }

    /// The same with another presence.
    public TopicPolicy with(PresencePolicy other) {
        return new TopicPolicy(maxPayloadBytes, other);
    }
}
