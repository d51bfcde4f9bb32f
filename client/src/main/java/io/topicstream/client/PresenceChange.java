package io.topicstream.client;

import org.jspecify.annotations.Nullable;

/// Who is in a topic has changed: a user came or went, on all devices taken together.
///
/// @param event what happened
/// @param user the id; null for an anonymous client without one, and for [Event#COUNT]
/// @param name as it is shown, or null
/// @param count how many users are in it now
public record PresenceChange(
        Event event, @Nullable String user, @Nullable String name, long count) {
    /// What can happen.
    public enum Event {
        /// A user came.
        JOIN,
        /// A user went.
        LEAVE,
        /// The number is another one; of whom, the server does not tell for this topic.
        COUNT
    }
}
