package io.topicstream.server;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/// One HTTP request on a connection of its own, byte for byte as the test wants it, and what comes back until the
/// server ends it.
public record RawHttp(int status, String text) {
    /// Sends the request; `Connection: close` is among the fields where the test does not say otherwise.
    ///
    /// @param fields header lines, `Host` among them if there shall be one
    public static RawHttp get(InetSocketAddress server, String path, String... fields) {
        String lines = fields.length == 0 ? "" : String.join("\r\n", fields) + "\r\n";
        String host = lines.contains("Host: ") ? "" : "Host: localhost\r\n";
        return send(server, "GET " + path + " HTTP/1.1\r\n" + host + lines + "Connection: close\r\n\r\n");
    }

    /// Sends the bytes.
    public static RawHttp send(InetSocketAddress server, String bytes) {
        try (Socket socket = new Socket(server.getAddress(), server.getPort())) {
            socket.setSoTimeout(20_000);
            socket.getOutputStream().write(bytes.getBytes(ISO_8859_1));
            String text = new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
            return new RawHttp(text.isEmpty() ? 0 : Integer.parseInt(text.split(" ", 3)[1]), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
