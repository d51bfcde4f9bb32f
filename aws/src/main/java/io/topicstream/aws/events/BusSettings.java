package io.topicstream.aws.events;

import io.topicstream.log.TopicPattern;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a bus gets, as the variables of a function say it. Immutable.
///
/// @param name of the bus, or its ARN
/// @param source what events say they are from
/// @param topics whose messages are events
public record BusSettings(String name, String source, List<TopicPattern> topics) {
    public static final String BUS = "TOPICSTREAM_EVENT_BUS";
    public static final String SOURCE = "TOPICSTREAM_EVENT_SOURCE";
    public static final String TOPICS = "TOPICSTREAM_EVENT_TOPICS";

    /// What stands for no [#TOPICS].
    public static final List<TopicPattern> EVERY_TOPIC = List.of(new TopicPattern("*"));

    /// Those of a bus that is named.
    ///
    /// @param source null for that of the chat
    public static BusSettings of(String name, @Nullable String source, List<TopicPattern> topics) {
        return new BusSettings(name, source == null ? EventBus.CHAT_SERVICE : source, topics);
    }

    /// The topics that a text names, with commas between them; null where it is not of that form.
    ///
    /// @param text null for all
    public static @Nullable List<TopicPattern> topicsOrNull(@Nullable String text) {
        return text == null ? EVERY_TOPIC : TopicPattern.listOrNull(text);
    }
}
