package io.topicstream.transport;

/// The conversation on one WebSocket connection, seen from the server's side. All calls come on the
/// connection's event loop.
///
/// A listener that was handed to [UpgradeDecision#accept] gets [#onClosed] exactly once, last, even when the
/// peer was gone before the upgrade could be answered; then without an [#onOpen].
public interface WebSocketListener {
    /// The upgrade is answered; what is written here follows the 101 directly.
    void onOpen(WebSocketConnection connection);

    /// A whole text message, valid UTF-8, in `buffer[from, to)`. The bytes are the loop's own and hold only
    /// during the call: they may be changed, and must be copied to be kept.
    void onText(byte[] buffer, int from, int to);

    /// A whole binary message, under the same rule as [#onText].
    void onBinary(byte[] buffer, int from, int to);

    /// What had arrived has been handed over. What was written meanwhile is flushed after this call.
    default void onReadComplete() {}

    /// The unsent bytes rose above the high watermark (`false`) or fell below the low one (`true`).
    default void onWritabilityChanged(boolean writable) {}

    /// Time passed: called about once a sweep (a second by default), with the loop's monotonic clock.
    default void onTick(long nowNs) {}

    /// The transport is about to stop; the connection will be closed within `withinMs` milliseconds.
    default void onDraining(int withinMs) {}

    /// It is this connection's turn to end, since the transport stops. Closes it, by the code that the transport was
    /// told, or by another.
    default void onStop(WebSocketConnection connection, int closeCode) {
        connection.close(closeCode, "server stops");
    }

    /// Nothing more will come and nothing more can be sent. May come from within [WebSocketConnection#close].
    ///
    /// @param code the peer's close code, 1005 if it gave none, 1006 if it just vanished, or the code with
    ///     which this side closed
    /// @param reason that came with the code, for people; empty if there was none
    void onClosed(int code, String reason);
}
