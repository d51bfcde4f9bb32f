package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.transport.RawClient;
import java.io.IOException;
import java.net.Socket;

/// A client that sends requests and frames to a gateway byte for byte as a test wants them. Every read ends within
/// twenty seconds.
final class GatewaySocket implements AutoCloseable {
    private static final int PATIENCE_MS = 20_000;

    final Socket socket;
    private final RawClient client;

    GatewaySocket(int port) throws IOException {
        client = new RawClient(port);
        socket = client.socket;
        socket.setSoTimeout(PATIENCE_MS);
    }

    /// A WebSocket that the server took.
    static GatewaySocket open(int port, String path, String... fields) throws IOException {
        GatewaySocket client = new GatewaySocket(port);
        RawClient.Answer answer = client.upgrade(path, fields).answer();
        if (answer.status() != 101) {
            throw new IOException("not upgraded: " + answer);
        }
        return client;
    }

    /// Asks for an upgrade.
    ///
    /// @param fields further header lines; `Host` among them in place of `localhost`
    GatewaySocket upgrade(String path, String... fields) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\n" + lines(fields)
                + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: " + RawClient.KEY + "\r\n\r\n");
    }

    /// Sends a request with a body.
    GatewaySocket request(String method, String path, byte[] body, String... fields) throws IOException {
        send(method + " " + path + " HTTP/1.1\r\n" + lines(fields) + "Content-Length: " + body.length + "\r\n\r\n");
        return send(body);
    }

    private static String lines(String... fields) {
        String lines = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        return lines.contains("Host: ") ? lines : "Host: localhost\r\n" + lines;
    }

    GatewaySocket send(String bytes) throws IOException {
        client.send(bytes);
        return this;
    }

    GatewaySocket send(byte[] bytes) throws IOException {
        client.send(bytes);
        return this;
    }

    /// The next answer, or one of status 0 if the connection ended without one.
    RawClient.Answer answer() throws IOException {
        return client.answer();
    }

    /// Sends a masked frame.
    ///
    /// @param first the first byte: the opcode, and 0x80 where it is the last
    GatewaySocket frame(int first, byte[] payload) throws IOException {
        return send(RawClient.frame(first, payload));
    }

    GatewaySocket text(String text) throws IOException {
        return frame(0x81, text.getBytes(UTF_8));
    }

    /// Sends a close frame.
    ///
    /// @param code 0 for one without a code
    GatewaySocket closing(int code, String reason) throws IOException {
        return code == 0 ? frame(0x88, new byte[0]) : send(RawClient.closing(code, reason));
    }

    /// The next frame.
    RawClient.Frame next() throws IOException {
        return client.frame();
    }

    /// Whether something comes within this time.
    boolean hears(int ms) throws IOException {
        return client.hears(ms);
    }

    /// Ends the connection by RST.
    void reset() throws IOException {
        client.reset();
    }

    @Override
    public void close() throws IOException {
        client.close();
    }
}
