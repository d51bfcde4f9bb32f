package io.topicstream.client;

import org.jspecify.annotations.Nullable;

/// What may be asked for beside a topic's messages.
///
/// @param durable whether the user listens on all connections from now on: the server remembers that, never how
///     far ([Subscription#position] is for the application to keep)
/// @param presence whether the user is seen in the topic, and [SubscriptionListener#onPresence] is told who
///     comes and goes; null where the topic's policy is to say so
public record SubscribeOptions(boolean durable, @Nullable Boolean presence) {
    /// Nothing special.
    public static final SubscribeOptions DEFAULT = new SubscribeOptions(false, null);

    /// The same, for all connections of the user.
    public SubscribeOptions withDurable() {
        return new SubscribeOptions(true, presence);
    }

    /// The same, and the user is seen and told of others, or neither.
    public SubscribeOptions withPresence(boolean yes) {
        return new SubscribeOptions(durable, yes);
    }
}
