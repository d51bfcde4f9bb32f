package io.topicstream.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A piece of the list of topics.
///
/// @param topics by name
/// @param next what the next page starts after, or null at the end
public record TopicPage(
        List<TopicPosition> topics, @Nullable String next) {
    public TopicPage {
        topics = List.copyOf(topics);
    }
}
