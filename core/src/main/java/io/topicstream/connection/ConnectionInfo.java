package io.topicstream.connection;

import org.jspecify.annotations.Nullable;

/// What may be told of a connection.
///
/// @param connectionId its name
/// @param user who is on it, or null for an anonymous client without a name
/// @param address that it came from, as text
/// @param connectedAtMs since when it is open, in epoch milliseconds, to the second
/// @param lastHeardMs when something last came from the client, pongs too; in epoch milliseconds
public record ConnectionInfo(
        String connectionId, @Nullable String user, String address, long connectedAtMs, long lastHeardMs) {}
