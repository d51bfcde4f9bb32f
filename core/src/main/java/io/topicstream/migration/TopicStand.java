package io.topicstream.migration;

import io.topicstream.log.TopicName;

/// Where a topic that was written to stands.
///
/// @param firstOffset the first offset that is kept
/// @param nextOffset the offset that the next message will get; above 1
/// @param epochBefore in which the message before `firstOffset` was written; 0 where there was none
/// @param lastTimestamp of the last message, also where it is not kept: later ones do not come before it
public record TopicStand(TopicName topic, long firstOffset, long nextOffset, long epochBefore, long lastTimestamp) {
    public TopicStand {
        if (firstOffset < 1 || nextOffset < Math.max(2, firstOffset)) {
            throw new IllegalArgumentException("no topic goes from " + firstOffset + " to " + nextOffset);
        }
    }

    /// Whether no message is kept.
    public boolean isEmpty() {
        return firstOffset == nextOffset;
    }
}
