package io.topicstream.transport;

/// The listener of a WebSocket that was opened only to say why it is refused: closes it, and takes no notice of what
/// the client sends. Browsers show their pages nothing of an upgrade that is refused over HTTP, but they do show a
/// close code.
final class TurnedAway implements WebSocketListener {
    private final int code;
    private final String reason;

    TurnedAway(int code, String reason) {
        this.code = code;
        this.reason = reason;
    }

    @Override
    public void onOpen(WebSocketConnection connection) {
        connection.close(code, reason);
    }

    @Override
    public void onText(byte[] buffer, int from, int to) {
        // Nothing runs.
    }

    @Override
    public void onBinary(byte[] buffer, int from, int to) {
        // Nothing runs.
    }

    @Override
    public void onClosed(int closeCode, String why) {
        // Nothing was begun.
    }
}
