package io.topicstream.settings.section;

import io.topicstream.log.Retention;
import io.topicstream.log.TopicPattern;
import io.topicstream.policy.PresencePolicy;
import org.jspecify.annotations.Nullable;

/// An entry of the policies, as it is written: what it leaves out holds as it would without it.
///
/// @param maxMessage the largest payload of a message, in bytes, or null
/// @param presence what is kept and told of who is in a topic, or null
/// @param keep how long messages are kept, or null
public record PolicyEntry(
        TopicPattern topics,
        @Nullable Integer maxMessage,
        @Nullable PresencePolicy presence,
        @Nullable Retention keep) {
    /// Whether all topics of the other pattern are among those of this one.
    boolean covers(TopicPattern other) {
        String text = topics.text();
        return topics.equals(other)
                || (topics.isOpen() && other.text().startsWith(text.substring(0, text.length() - 1)));
    }
}
