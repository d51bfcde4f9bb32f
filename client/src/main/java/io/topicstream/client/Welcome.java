package io.topicstream.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How the server greeted a connection.
///
/// @param user as whom the server knows the client, or null
/// @param name the display name, or null
/// @param serverTime the server's clock, in epoch milliseconds; negative where it did not say so
/// @param pingMs how often each side says that it is there, in milliseconds
/// @param subscriptions the user's durable subscriptions. The client does not join them by itself: whoever
///     wants them subscribes, and so says from where.
public record Welcome(
        String connectionId,
        @Nullable String user,
        @Nullable String name,
        long serverTime,
        long pingMs,
        List<TopicPosition> subscriptions) {
    public Welcome {
        subscriptions = List.copyOf(subscriptions);
    }

    /// The same with further subscriptions.
    Welcome and(List<TopicPosition> more) {
        List<TopicPosition> all = new ArrayList<>(subscriptions);
        all.addAll(more);
        return new Welcome(connectionId, user, name, serverTime, pingMs, all);
    }
}
