package io.topicstream.events;

import io.topicstream.log.TopicName;
import io.topicstream.signal.SystemTopics;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Kinds of what happens that is no message of a topic.
public enum EventFamily {
    /// Connections that were opened and closed.
    CONNECTIONS,
    /// Users who joined and left topics.
    PRESENCE;

    /// The name in configuration and requests: lower case.
    public String wireName() {
        return switch (this) {
            case CONNECTIONS -> "connections";
            case PRESENCE -> "presence";
        };
    }

    /// Where they are written down.
    public TopicName topic() {
        return switch (this) {
            case CONNECTIONS -> SystemTopics.CONNECTION_EVENTS;
            case PRESENCE -> SystemTopics.PRESENCE_EVENTS;
        };
    }

    /// The one of this name, or null.
    public static @Nullable EventFamily of(String wireName) {
        return Arrays.stream(values())
                .filter(one -> one.wireName().equals(wireName))
                .findFirst()
                .orElse(null);
    }

    /// The names of all, as a sentence has them.
    public static String wireNames() {
        return Arrays.stream(values()).map(EventFamily::wireName).collect(Collectors.joining(", "));
    }
}
