package io.topicstream.transport;

/// One open WebSocket, to be used on its event loop only. What is written to it are frames (see [WebSocketFrames]).
public sealed interface WebSocketConnection extends Outlet permits WebSocketHandler {
    /// How long nothing has come from the peer, in milliseconds.
    long silentMs();

    /// Stops reading. No message is handed over until [#resumeReading], though some may have arrived.
    void pauseReading();

    /// Reads again, first what had already arrived.
    void resumeReading();

    /// Begins the closing handshake: sends a close frame with `code` and `reason` (cut at 123 bytes), ignores
    /// what still arrives, tells the listener at once, and closes the socket when the peer answers or the
    /// time for it is over. Without effect when the connection is already closing.
    ///
    /// @throws IllegalArgumentException if `code` may not stand in a close frame (RFC 6455, 7.4)
    void close(int code, String reason);
}
