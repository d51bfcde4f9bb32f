package io.topicstream.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.ThreadMXBean;
import io.netty.handler.ssl.JdkSslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ServerSocketFactory;
import javax.net.ssl.SSLServerSocket;

/// A server that speaks as much of the native protocol and the HTTP API as the generator uses, in
/// the plainest way: a thread a connection and one lock. The generator may know nothing of the real
/// server's code, but its reading of replies, arrays and errors wants an other end in its own tests.
///
/// Topics that start with `room:` tell those who listen how many they are; the last one of eight is left out
/// where the name says `room:deaf`. Topics that start with `no.` refuse every message. On topics that start
/// with `two.` every eighth message goes out with the one after it, as an array.
final class NativeStandIn implements AutoCloseable {
    private static final Pattern ACTION = Pattern.compile(
            "\\{\"action\":\"(\\w+)\",\"topic\":\"([^\"]+)\"(?:,\"message\":(\\{[^}]*}))?(?:,\"id\":(\\d+))?}");
    private static final Pattern KEY = Pattern.compile("(?i)sec-websocket-key: *(\\S+)");
    private static final Pattern LENGTH = Pattern.compile("(?i)content-length: *(\\d+)");
    private static final Pattern CONSUME = Pattern.compile("GET /topics/(\\S+)/consume\\?limit=(\\d+)&offset=(\\d+)");
    private static final Pattern PRODUCE = Pattern.compile("POST /topics/(\\S+)/produce");

    private static final class Topic {
        final List<String> messages = new ArrayList<>();
        final List<OutputStream> listeners = new ArrayList<>();
        String held = "";
    }

    private final ServerSocket server;
    private final Map<String, Topic> topics = new HashMap<>();
    private long delivered;
    private long committed;

    NativeStandIn(int port) throws IOException {
        this(port, ServerSocketFactory.getDefault());
    }

    private NativeStandIn(int port, ServerSocketFactory sockets) throws IOException {
        server = sockets.createServerSocket(port, 1_000, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /// One that speaks TLS, in the versions given.
    static NativeStandIn overTls(int port, Path certificate, Path key, String... versions) throws IOException {
        JdkSslContext context = (JdkSslContext) SslContextBuilder.forServer(certificate.toFile(), key.toFile())
                .sslProvider(SslProvider.JDK)
                .build();
        NativeStandIn standIn = new NativeStandIn(port, context.context().getServerSocketFactory());
        ((SSLServerSocket) standIn.server).setEnabledProtocols(versions);
        return standIn;
    }

    /// Runs one until the process ends, for the suite's child process: `NativeStandIn PORT [CERTIFICATE KEY]`.
    public static void main(String[] arguments) throws IOException, InterruptedException {
        int port = Integer.parseInt(arguments[0]);
        if (arguments.length > 1) {
            overTls(port, Path.of(arguments[1]), Path.of(arguments[2]), "TLSv1.3");
        } else {
            new NativeStandIn(port);
        }
        Thread.currentThread().join();
    }

    int port() {
        return server.getLocalPort();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private void accept() {
        while (true) {
            try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            DataInputStream in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream()));
            OutputStream out = new BufferedOutputStream(socket.getOutputStream(), 64 << 10);
            for (String head = head(in); !head.isEmpty(); head = head(in)) {
                Matcher key = KEY.matcher(head);
                if (key.find()) {
                    out.write(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                    + "Sec-WebSocket-Accept: " + accept(key.group(1))
                                    + "\r\nSec-WebSocket-Protocol: topicstream.v1\r\n\r\n")
                            .getBytes(ISO_8859_1));
                    send(out, "{\"type\":\"welcome\",\"connection_id\":\"1\",\"protocol\":1}");
                    out.flush();
                    frames(in, out);
                    return;
                }
                Matcher length = LENGTH.matcher(head);
                String body = length.find() ? new String(in.readNBytes(Integer.parseInt(length.group(1))), UTF_8) : "";
                byte[] answer = answer(head, body).getBytes(UTF_8);
                out.write(("HTTP/1.1 200 OK\r\ncontent-length: " + answer.length + "\r\n\r\n").getBytes(ISO_8859_1));
                out.write(answer);
                if (in.available() == 0) {
                    out.flush();
                }
            }
        } catch (IOException e) {
            // The peer has gone.
        }
    }

    private static String head(DataInputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            head.append((char) c);
            if (c == '\n' && head.toString().endsWith("\r\n\r\n")) {
                return head.toString();
            }
        }
        return "";
    }

    private synchronized String answer(String head, String body) throws IOException {
        Matcher produce = PRODUCE.matcher(head);
        if (produce.lookingAt()) {
            String payload = body.substring("{\"payload\":".length(), body.length() - 1);
            return "{\"topic\":\"t\",\"offset\":" + publish(produce.group(1), payload) + "}";
        }
        Matcher consume = CONSUME.matcher(head);
        if (consume.lookingAt()) {
            int from = Integer.parseInt(consume.group(3));
            List<String> messages = topic(consume.group(1)).messages;
            StringBuilder page = new StringBuilder("{\"messages\":[");
            for (int i = from; i < from + Integer.parseInt(consume.group(2)) && i <= messages.size(); i++) {
                page.append(i == from ? "" : ",")
                        .append("{\"offset\":")
                        .append(i)
                        .append(",\"payload\":");
                page.append(messages.get(i - 1)).append('}');
            }
            return page.append("]}").toString();
        }
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        return "jvm_allocated_bytes_total " + threads.getTotalThreadAllocatedBytes()
                + "\ntopicstream_messages_committed_total " + committed
                + "\ntopicstream_messages_delivered_total{transport=\"websocket\"} " + delivered + "\n";
    }

    private Topic topic(String name) {
        return topics.computeIfAbsent(name, any -> new Topic());
    }

    private int publish(String name, String message) throws IOException {
        Topic topic = topic(name);
        topic.messages.add(message);
        committed++;
        int offset = topic.messages.size();
        String frame = "{\"type\":\"message\",\"topic\":\"" + name + "\",\"offset\":" + offset
                + ",\"timestamp\":1,\"message\":" + message + "}";
        delivered += topic.listeners.size();
        if (name.startsWith("two.") && offset % 8 == 3) {
            topic.held = frame;
            return offset;
        }
        String whole = topic.held.isEmpty() ? frame : "[" + topic.held + "," + frame + "]";
        topic.held = "";
        topic.listeners.removeIf(listener -> {
            try {
                send(listener, whole);
                listener.flush();
                return false;
            } catch (IOException e) {
                return true;
            }
        });
        return offset;
    }

    private void frames(DataInputStream in, OutputStream out) throws IOException {
        while (true) {
            int opcode = in.read() & 0x0F;
            long length = in.read() & 0x7F;
            length = length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
            byte[] mask = in.readNBytes(4);
            byte[] payload = in.readNBytes((int) length);
            if (mask.length < 4 || opcode != 1) {
                return;
            }
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= mask[i % 4];
            }
            run(new String(payload, UTF_8), out);
        }
    }

    private synchronized void run(String text, OutputStream out) throws IOException {
        Matcher action = ACTION.matcher(text);
        while (action.find()) {
            String id = action.group(4);
            String name = action.group(2);
            if (action.group(1).equals("subscribe")) {
                topic(name).listeners.add(out);
                send(
                        out,
                        "{\"type\":\"reply\",\"id\":" + id + ",\"topic\":\"" + name
                                + "\",\"epoch\":1,\"recovered\":true}");
                tellMembers(name);
            } else if (name.startsWith("no.")) {
                send(
                        out,
                        "{\"type\":\"error\",\"id\":" + id
                                + ",\"code\":\"forbidden\",\"message\":\"no\",\"retryable\":false}");
            } else {
                int offset = publish(name, action.group(3));
                if (id != null) {
                    send(
                            out,
                            "{\"type\":\"reply\",\"id\":" + id + ",\"topic\":\"" + name + "\",\"offset\":" + offset
                                    + "}");
                }
            }
            out.flush();
        }
    }

    private void tellMembers(String name) throws IOException {
        List<OutputStream> listeners = name.startsWith("room:") ? topic(name).listeners : List.of();
        for (int i = 0; i < listeners.size(); i++) {
            if (i < 7 || !name.startsWith("room:deaf")) {
                send(
                        listeners.get(i),
                        "{\"type\":\"presence\",\"topic\":\"" + name + "\",\"count\":" + listeners.size() + "}");
                listeners.get(i).flush();
            }
        }
    }

    private static void send(OutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(UTF_8);
        out.write(0x81);
        if (bytes.length < 126) {
            out.write(bytes.length);
        } else {
            out.write(126);
            out.write(bytes.length >> 8);
            out.write(bytes.length);
        }
        out.write(bytes);
    }

    private static String accept(String key) {
        try {
            byte[] text = (key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").getBytes(ISO_8859_1);
            return Base64.getEncoder()
                    .encodeToString(MessageDigest.getInstance("SHA-1").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
