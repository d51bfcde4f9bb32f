package io.topicstream.client;

/// Told how the client's connection fares. The calls come one at a time and in order, never on a thread of
/// which the client is in need.
public interface ConnectionListener {
    /// There is a connection, for the first time or again.
    default void onConnected(Welcome welcome) {}

    /// The connection, or the attempt to make one, failed; there will be another.
    ///
    /// @param code the WebSocket close code, or the HTTP status with which it was refused, or 1006 without
    ///     either
    /// @param retryInMs when the next attempt is made
    default void onDisconnected(int code, String reason, long retryInMs) {}

    /// The client has ended and does not come back.
    default void onEnded(TopicStreamException.Ended reason) {}
}
