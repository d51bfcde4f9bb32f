package io.topicstream.client;

import org.jspecify.annotations.Nullable;

/// Whether a user has a connection now, on any device.
///
/// @param lastSeen when the last connection ended, in epoch milliseconds; null where that is not known
public record OnlineUser(
        String user, boolean online, @Nullable Long lastSeen) {}
