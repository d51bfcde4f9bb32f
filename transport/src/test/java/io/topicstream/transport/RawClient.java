package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// A client that sends whatever it is told to, right or wrong, and reads what comes back. Every read ends within
/// ten seconds.
public final class RawClient implements AutoCloseable {
    public static final String KEY = "dGhlIHNhbXBsZSBub25jZQ==";
    static final String UPGRADE = "GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + KEY + "\r\n\r\n";

    public final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    public RawClient(int port) throws IOException {
        this(port, 0);
    }

    RawClient(int port, int receiveBufferBytes) throws IOException {
        socket = new Socket();
        if (receiveBufferBytes > 0) {
            socket.setReceiveBufferSize(receiveBufferBytes);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    /// Speaks over a connection that is there.
    RawClient(Socket connected) throws IOException {
        socket = connected;
        socket.setSoTimeout(10_000);
        in = new BufferedInputStream(socket.getInputStream());
        out = socket.getOutputStream();
    }

    static RawClient upgraded(int port) throws IOException {
        return upgraded(port, 0);
    }

    static RawClient upgraded(int port, int receiveBufferBytes) throws IOException {
        RawClient client = new RawClient(port, receiveBufferBytes);
        client.send(UPGRADE);
        Answer answer = client.answer();
        if (answer.status() != 101) {
            throw new IOException("not upgraded: " + answer);
        }
        return client;
    }

    public RawClient send(String bytes) throws IOException {
        return send(bytes.getBytes(ISO_8859_1));
    }

    public RawClient send(byte[] bytes) throws IOException {
        out.write(bytes);
        return this;
    }

    /// Sends although the server may have closed already, which is no fault here.
    RawClient sendAnyway(byte[] bytes) {
        try {
            out.write(bytes);
        } catch (IOException e) {
            // The server had enough.
        }
        return this;
    }

    // ---- HTTP ----

    /// An answer over HTTP.
    public record Answer(int status, Map<String, String> headers, byte[] body) {
        public String text() {
            return new String(body, UTF_8);
        }

        /// A field, or the empty text.
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }

        @Override
        public String toString() {
            return status + " " + headers + " " + text();
        }
    }

    /// The next answer, or one of status 0 if the connection ended without one.
    public Answer answer() throws IOException {
        return answer(true);
    }

    Answer answer(boolean withBody) throws IOException {
        String line;
        try {
            line = line();
        } catch (EOFException | SocketException e) {
            return new Answer(0, Map.of(), new byte[0]);
        }
        Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String field = line(); !field.isEmpty(); field = line()) {
            int colon = field.indexOf(':');
            headers.put(field.substring(0, colon), field.substring(colon + 1).strip());
        }
        int status = Integer.parseInt(line.substring(9, 12));
        byte[] body = new byte[0];
        if (!withBody || status < 200) {
            return new Answer(status, headers, body);
        }
        if (headers.containsKey("Content-Length")) {
            body = in.readNBytes(Integer.parseInt(headers.get("Content-Length")));
        } else if (headers.getOrDefault("Transfer-Encoding", "")
                .toLowerCase(Locale.ROOT)
                .equals("chunked")) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
                all.write(in.readNBytes(size));
                line();
            }
            line();
            body = all.toByteArray();
        }
        return new Answer(status, headers, body);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = byteOrEnd(); c != '\n'; c = byteOrEnd()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    private int byteOrEnd() throws IOException {
        int c = in.read();
        if (c < 0) {
            throw new EOFException();
        }
        return c;
    }

    /// Whether the server ended the connection, by FIN or RST; whatever still comes before is thrown away.
    boolean ended() throws IOException {
        try {
            while (in.read() >= 0) {}
            return true;
        } catch (SocketException e) {
            return true;
        }
    }

    // ---- WebSocket ----

    /// A frame of the server.
    public record Frame(int opcode, boolean fin, byte[] payload) {
        int closeCode() {
            return payload.length < 2 ? 1005 : (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
        }

        public String text() {
            return new String(payload, UTF_8);
        }

        /// The code and the reason of a close frame, or `none`.
        public String closing() {
            return payload.length < 2 ? "none" : closeCode() + " " + new String(payload, 2, payload.length - 2, UTF_8);
        }
    }

    /// The next frame.
    public Frame frame() throws IOException {
        int first = byteOrEnd();
        int length = byteOrEnd();
        if (length == 126) {
            length = byteOrEnd() << 8 | byteOrEnd();
        } else if (length == 127) {
            length = 0;
            for (int i = 0; i < 8; i++) {
                length = length << 8 | byteOrEnd();
            }
        }
        return new Frame(first & 0x0F, (first & 0x80) != 0, in.readNBytes(length));
    }

    /// Whether something comes within this time, which stays to be read.
    public boolean hears(int ms) throws IOException {
        int usualMs = socket.getSoTimeout();
        socket.setSoTimeout(ms);
        try {
            in.mark(1);
            int c = in.read();
            in.reset();
            return c >= 0;
        } catch (SocketTimeoutException _) {
            return false;
        } finally {
            socket.setSoTimeout(usualMs);
        }
    }

    /// The code of the close frame; frames before it are skipped; 0 if the connection ended without one.
    int closeCode() throws IOException {
        try {
            Frame frame = frame();
            while (frame.opcode() != 8) {
                frame = frame();
            }
            return frame.closeCode();
        } catch (EOFException | SocketException e) {
            return 0;
        }
    }

    /// A masked frame with a minimal length.
    public static byte[] frame(int firstByte, byte[] payload) {
        ByteArrayOutputStream frame = new ByteArrayOutputStream();
        frame.write(firstByte);
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
        byte[] key = {0x37, (byte) 0xFA, 0x21, 0x3D};
        frame.writeBytes(key);
        byte[] masked = payload.clone();
        for (int i = 0; i < masked.length; i++) {
            masked[i] ^= key[i & 3];
        }
        frame.writeBytes(masked);
        return frame.toByteArray();
    }

    static byte[] text(String text) {
        return frame(0x81, text.getBytes(UTF_8));
    }

    public static byte[] closing(int code, String reason) {
        byte[] text = reason.getBytes(UTF_8);
        byte[] payload = new byte[2 + text.length];
        payload[0] = (byte) (code >> 8);
        payload[1] = (byte) code;
        System.arraycopy(text, 0, payload, 2, text.length);
        return frame(0x88, payload);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    /// Ends the connection by RST.
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }
}
