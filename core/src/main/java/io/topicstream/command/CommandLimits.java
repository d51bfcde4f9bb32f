package io.topicstream.command;

/// The limits that commands check, with their defaults.
///
/// @param subscriptionsPerConnection how many topics one connection may listen to
/// @param durableSubscriptionsPerUser how many durable subscriptions one user may have
public record CommandLimits(int subscriptionsPerConnection, int durableSubscriptionsPerUser) {
    /// What holds where nothing is configured: 500, 500.
    public static final CommandLimits DEFAULT = new CommandLimits(500, 500);

    public CommandLimits {
        if (subscriptionsPerConnection < 1 || durableSubscriptionsPerUser < 1) {
            throw new IllegalArgumentException("limits are positive");
        }
    }
}
