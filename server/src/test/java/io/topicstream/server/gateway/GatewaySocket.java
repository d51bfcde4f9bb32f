package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.Map;
import java.util.TreeMap;

/// A client that sends requests and frames byte for byte as a test wants them. Every read ends within twenty seconds.
final class GatewaySocket implements AutoCloseable {
    final Socket socket;
    private final InputStream in;

    GatewaySocket(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /// An answer over HTTP.
    record Answer(int status, Map<String, String> headers, byte[] body) {
        String text() {
            return new String(body, UTF_8);
        }

        /// A field, or the empty text.
        String header(String name) {
            return headers.getOrDefault(name, "");
        }
    }

    /// A frame of the server.
    record Frame(int opcode, byte[] payload) {
        String text() {
            return new String(payload, UTF_8);
        }

        /// The code and the reason of a close frame.
        String closing() {
            return payload.length < 2
                    ? "none"
                    : ((payload[0] & 0xFF) << 8 | (payload[1] & 0xFF)) + " "
                            + new String(payload, 2, payload.length - 2, UTF_8);
        }
    }

    /// A WebSocket that the server took.
    static GatewaySocket open(int port, String path, String... fields) throws IOException {
        GatewaySocket client = new GatewaySocket(port);
        Answer answer = client.upgrade(path, fields).answer();
        if (answer.status() != 101) {
            throw new IOException("not upgraded: " + answer.status() + " " + answer.text());
        }
        return client;
    }

    /// Asks for an upgrade.
    ///
    /// @param fields further header lines; `Host` among them in place of `localhost`
    GatewaySocket upgrade(String path, String... fields) throws IOException {
        return send("GET " + path + " HTTP/1.1\r\n" + lines(fields)
                + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
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
        return send(bytes.getBytes(ISO_8859_1));
    }

    GatewaySocket send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
        return this;
    }

    Answer answer() throws IOException {
        String line = line();
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String field = line(); !field.isEmpty(); field = line()) {
            int colon = field.indexOf(':');
            headers.put(field.substring(0, colon), field.substring(colon + 1).strip());
        }
        int status = Integer.parseInt(line.substring(9, 12));
        byte[] body = status < 200
                ? new byte[0]
                : in.readNBytes(Integer.parseInt(headers.getOrDefault("Content-Length", "0")));
        return new Answer(status, headers, body);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = read(); c != '\n'; c = read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private int read() throws IOException {
        int c = in.read();
        if (c < 0) {
            throw new EOFException();
        }
        return c;
    }

    /// Sends a masked frame.
    ///
    /// @param first the first byte: the opcode, and 0x80 where it is the last
    GatewaySocket frame(int first, byte[] payload) throws IOException {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(first);
        if (payload.length <= 125) {
            frame.write(0x80 | payload.length);
        } else if (payload.length <= 0xFFFF) {
            frame.write(0x80 | 126);
            frame.write(payload.length >> 8);
            frame.write(payload.length);
        } else {
            frame.write(0x80 | 127);
            for (int shift = 56; shift >= 0; shift -= 8) {
                frame.write((int) ((long) payload.length >> shift));
            }
        }
        byte[] key = {1, 2, 3, 4};
        frame.writeBytes(key);
        byte[] masked = payload.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= key[i & 3];
        }
        frame.writeBytes(masked);
        return send(frame.toByteArray());
    }

    GatewaySocket text(String text) throws IOException {
        return frame(0x81, text.getBytes(UTF_8));
    }

    /// Sends a close frame.
    ///
    /// @param code 0 for one without a code
    GatewaySocket closing(int code, String reason) throws IOException {
        byte[] text = reason.getBytes(UTF_8);
        byte[] payload = new byte[code == 0 ? 0 : 2 + text.length];
        if (code != 0) {
            payload[0] = (byte) (code >> 8);
            payload[1] = (byte) code;
            System.arraycopy(text, 0, payload, 2, text.length);
        }
        return frame(0x88, payload);
    }

    /// The next frame.
    Frame next() throws IOException {
        int first = read();
        int length = read();
        if (length == 126) {
            length = read() << 8 | read();
        } else if (length == 127) {
            length = 0;
            for (int i = 0; i < 8; i++) {
                length = length << 8 | read();
            }
        }
        return new Frame(first & 0x0F, in.readNBytes(length));
    }

    /// Whether something comes within this time.
    boolean hears(int ms) throws IOException {
        socket.setSoTimeout(ms);
        try {
            in.mark(1);
            int c = in.read();
            in.reset();
            return c >= 0;
        } catch (java.net.SocketTimeoutException _) {
            return false;
        } finally {
            socket.setSoTimeout(20_000);
        }
    }

    /// Ends the connection by RST.
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
