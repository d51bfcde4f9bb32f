package io.topicstream.cli.planted.http;

import io.topicstream.cli.planted.transport.Socket;

/// Offends: an HTTP API that knows the network.
public final class Exchange {
    public String askedOn(Socket socket) {
        return "" + socket.hashCode();
    }
}
