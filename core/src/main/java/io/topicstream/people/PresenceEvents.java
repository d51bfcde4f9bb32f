package io.topicstream.people;

import io.topicstream.log.TopicName;

/// Told of the users who join and leave topics in which others are told of them by name, by the node
/// through which they do; on the presence's thread. Does not block.
///
/// All connections of a user count as one, on all nodes as far as that node knows. Where a user comes
/// through two nodes at once, both may tell of it; of those who were on a node that died nobody tells
/// that they left.
public interface PresenceEvents {
    /// Nobody wants to know.
    PresenceEvents NONE = new PresenceEvents() {
        @Override
        public void joined(TopicName topic, String user) {}

        @Override
        public void left(TopicName topic, String user) {}
    };

    /// The user is in the topic, and was not.
    void joined(TopicName topic, String user);

    /// The user was in the topic, and is no longer.
    void left(TopicName topic, String user);
}
