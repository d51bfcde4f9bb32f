package io.topicstream.server.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.server.SocketSwarm;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/// Clients that send much and read nothing, each with a thread that writes as long as the server
/// takes it. They hold on until they are closed.
final class Floods implements AutoCloseable {
    private static final int RECEIVE_BYTES = 4096;

    private final InetSocketAddress server;
    private final Queue<SocketChannel> sockets = new ConcurrentLinkedQueue<>();

    Floods(URI server) {
        this.server = new InetSocketAddress(server.getHost(), server.getPort());
    }

    /// Clients that each send this once over plain TCP, as far as the server takes it.
    ///
    /// @param lasting how long the flood goes on; the clients stay
    void send(int clients, byte[] request, Duration lasting) {
        flood(clients, new byte[0], request, 1, lasting);
    }

    /// WebSocket clients that each send this message so often, as far as the server takes it.
    ///
    /// @param lasting how long the flood goes on; the clients stay
    void sendFrames(int clients, String message, int times, Duration lasting) {
        flood(clients, upgrade(), SocketSwarm.frame(0x81, message.getBytes(UTF_8)), times, lasting);
    }

    /// WebSocket clients that each send the first fragment of a message, and nothing after it.
    ///
    /// @param lasting how long the flood goes on; the clients stay
    void sendFragments(int clients, String fragment, Duration lasting) {
        flood(clients, upgrade(), SocketSwarm.frame(0x01, fragment.getBytes(UTF_8)), 1, lasting);
    }

    private void flood(int clients, byte[] first, byte[] bytes, int times, Duration lasting) {
        CountDownLatch sent = new CountDownLatch(clients);
        for (int i = 0; i < clients; i++) {
            Thread.ofVirtual().start(() -> {
                try {
                    SocketChannel socket = SocketChannel.open();
                    sockets.add(socket);
                    socket.setOption(StandardSocketOptions.SO_RCVBUF, RECEIVE_BYTES);
                    socket.connect(server);
                    if (first.length > 0) {
                        write(socket, first);
                        awaitUpgraded(socket);
                    }
                    for (int t = 0; t < times; t++) {
                        write(socket, bytes);
                    }
                } catch (IOException e) {
                    // Refused, or cut off: what the server does with such clients is its own business.
                } finally {
                    sent.countDown();
                }
            });
        }
        try {
            // Most of them never get rid of all that they have; those that do go on being there.
            long endNs = System.nanoTime() + lasting.toNanos();
            var _ = sent.await(lasting.toNanos(), TimeUnit.NANOSECONDS);
            var _ = new CountDownLatch(1).await(endNs - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private static void write(SocketChannel socket, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            socket.write(buffer);
        }
    }

    private static void awaitUpgraded(SocketChannel socket) throws IOException {
        StringBuilder head = new StringBuilder();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (head.indexOf("\r\n\r\n") < 0) {
            if (socket.read(one.clear()) < 0) {
                throw new IOException("closed");
            }
            head.append((char) (one.get(0) & 0xFF));
        }
        if (head.indexOf(" 101 ") < 0) {
            throw new IOException("refused");
        }
    }

    private static byte[] upgrade() {
        return String.join(
                        "\r\n",
                        "GET /v1 HTTP/1.1",
                        "Host: 127.0.0.1",
                        "Upgrade: websocket",
                        "Connection: Upgrade",
                        "Sec-WebSocket-Version: 13",
                        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                        "",
                        "")
                .getBytes(ISO_8859_1);
    }

    @Override
    public void close() {
        leave();
    }

    /// Has all of them leave at once.
    void leave() {
        for (SocketChannel socket : sockets) {
            try {
                socket.close();
            } catch (IOException e) {
                // There is nothing more to close.
            }
        }
    }
}
