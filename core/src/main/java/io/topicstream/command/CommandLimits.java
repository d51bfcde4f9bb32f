package io.topicstream.command;

/// The limits that commands check, with their defaults.
///
/// @param subscriptionsPerConnection how many topics one connection may listen to
///     (chats of its user's not counted)
/// @param durableSubscriptionsPerUser how many durable subscriptions one user may have, chats not counted
/// @param chatsPerUser how many chats with another user, or with itself, one user may have
public record CommandLimits(int subscriptionsPerConnection, int durableSubscriptionsPerUser, int chatsPerUser) {
    /// What holds where nothing is configured: 500, 500, 1,000.
    public static final CommandLimits DEFAULT = new CommandLimits(500, 500, 1_000);

    public CommandLimits {
        if (subscriptionsPerConnection < 1 || durableSubscriptionsPerUser < 1 || chatsPerUser < 1) {
            throw new IllegalArgumentException("limits are positive");
        }
    }
}
