package io.topicstream.command;

/// The limits that commands check, with their defaults.
///
/// @param payloadBytes the largest payload of a message
/// @param subscriptionsPerConnection how many topics one connection may listen to
/// @param durableSubscriptionsPerUser how many durable subscriptions one user may have
public record CommandLimits(int payloadBytes, int subscriptionsPerConnection, int durableSubscriptionsPerUser) {
    /// What holds where nothing is configured: 120 KiB, 500, 500.
    public static final CommandLimits DEFAULT = new CommandLimits(120 * 1024, 500, 500);

    public CommandLimits {
        if (payloadBytes < 1 || subscriptionsPerConnection < 1 || durableSubscriptionsPerUser < 1) {
            throw new IllegalArgumentException("limits are positive");
        }
    }
}
