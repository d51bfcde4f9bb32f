package io.topicstream.conformance;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/// A proxy (RFC 9110, 9.3.6) that takes every name for that of one server on this machine. So a program calls the
/// server by the names of AWS, on their port, and no table of hosts is changed. Threads are its own.
final class Tunnel implements AutoCloseable {
    private static final int LONGEST_HEAD = 8192;

    private final ServerSocket door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final int target;
    private final List<String> asked = new CopyOnWriteArrayList<>();

    /// @param target the port of the server
    Tunnel(int target) throws IOException {
        this.target = target;
        Thread.ofVirtual().start(this::take);
    }

    int port() {
        return door.getLocalPort();
    }

    /// The names and ports that were asked for, one for each connection.
    List<String> asked() {
        return List.copyOf(asked);
    }

    private void take() {
        try {
            while (true) {
                Socket client = door.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException _) {
            // It was closed.
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target)) {
            client.setTcpNoDelay(true);
            server.setTcpNoDelay(true);
            String line = head(client.getInputStream()).lines().findFirst().orElse("");
            if (!line.startsWith("CONNECT ")) {
                return;
            }
            asked.add(line.substring("CONNECT ".length(), line.lastIndexOf(' ')));
            client.getOutputStream().write("HTTP/1.1 200 Connected\r\n\r\n".getBytes(ISO_8859_1));
            Thread back = Thread.ofVirtual().start(() -> pass(server, client));
            pass(client, server);
            back.join();
        } catch (IOException _) {
            // One of both is gone; the other is told by the end of its connection.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0 && head.length() < LONGEST_HEAD) {
            int c = in.read();
            if (c < 0) {
                return "";
            }
            head.append((char) c);
        }
        return head.toString();
    }

    private static void pass(Socket from, Socket to) {
        try {
            OutputStream out = to.getOutputStream();
            from.getInputStream().transferTo(out);
            to.shutdownOutput();
        } catch (IOException _) {
            close(from);
            close(to);
        }
    }

    private static void close(Closeable one) {
        try {
            one.close();
        } catch (IOException _) {
            // It was closed before.
        }
    }

    @Override
    public void close() {
        close(door);
    }
}
