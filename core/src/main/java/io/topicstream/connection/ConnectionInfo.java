package io.topicstream.connection;

import org.jspecify.annotations.Nullable;

/// What may be told of a connection.
///
/// @param connectionId its name
/// @param user who is on it, or null for an anonymous client without a name
/// @param address that it came from, as text
/// @param connectedAtMs since when it is open, in epoch milliseconds; of a stage's connection to the second
/// @param lastHeardMs when something last came from the client, pongs too; in epoch milliseconds
/// @param lastActiveMs when a message last came or was sent, where that is told apart from `lastHeardMs`
/// @param userAgent what the client calls itself, or null where that is not known
/// @param scope the id of the gateway API that it belongs to; empty for a connection of a stage
public record ConnectionInfo(
        String connectionId,
        @Nullable String user,
        String address,
        long connectedAtMs,
        long lastHeardMs,
        long lastActiveMs,
        @Nullable String userAgent,
        String scope) {
    /// Of a connection of a stage.
    public ConnectionInfo(
            String connectionId, @Nullable String user, String address, long connectedAtMs, long lastHeardMs) {
        this(connectionId, user, address, connectedAtMs, lastHeardMs, lastHeardMs, null, "");
    }
}
