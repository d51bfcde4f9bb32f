package io.topicstream.cli.planted.server.websocket;

import io.topicstream.cli.planted.server.http.Answer;

/// Offends: it knows another door.
public final class Socket {
    private Socket() {}

    public static String refusal() {
        return Answer.text(403);
    }
}
