package io.topicstream.signal;

import io.topicstream.log.TopicName;
import org.jspecify.annotations.Nullable;

/// The topics on which nodes tell each other what has changed. No client may use them.
public final class SystemTopics {
    /// Where it is told that a credential was revoked.
    public static final TopicName CREDENTIALS = new TopicName("sys:credentials");

    private static final String USER = "sys:user:";

    private SystemTopics() {}

    /// Where a user's nodes are told of what changes for that user.
    public static TopicName ofUser(String user) {
        return new TopicName(USER + user);
    }

    /// The user whose nodes are told of changes on this topic, or null where it is no such topic.
    public static @Nullable String userOf(TopicName topic) {
        return topic.value().startsWith(USER) ? topic.value().substring(USER.length()) : null;
    }
}
