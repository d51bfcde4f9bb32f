package io.topicstream.policy;

/// What holds for a topic.
///
/// @param maxPayloadBytes the largest payload of a message
public record TopicPolicy(int maxPayloadBytes) {
    /// What holds where nothing is configured: messages of 120 KiB.
    public static final TopicPolicy DEFAULT = new TopicPolicy(120 * 1024);

    public TopicPolicy {
        if (maxPayloadBytes < 1) {
            throw new IllegalArgumentException("a message may have at least one byte: " + maxPayloadBytes);
        }
    }
}
