package io.topicstream.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// The address under which clients reach one of several servers, as a balancer has it: connections go to the
/// server that is named when they begin.
final class Door implements AutoCloseable {
    private final ServerSocket listening;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile InetSocketAddress server;

    Door(InetSocketAddress server) {
        this.server = server;
        try {
            listening = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Thread.ofVirtual().start(this::accept);
    }

    String address() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    /// The server is gone: all connections to it break, and those that begin from now on go to another.
    void leadTo(InetSocketAddress another) {
        server = another;
        breakAll();
    }

    private void breakAll() {
        open.forEach(Door::shut);
        open.clear();
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket client = listening.accept();
                open.add(client);
                Thread.ofVirtual().start(() -> connect(client));
            } catch (IOException e) {
                // It is closed.
                return;
            }
        }
    }

    private void connect(Socket client) {
        InetSocketAddress to = server;
        try {
            Socket there = new Socket(to.getAddress(), to.getPort());
            open.add(there);
            if (!to.equals(server)) {
                // Broken off before it was known.
                shut(client);
                shut(there);
                return;
            }
            Thread.ofVirtual().start(() -> carry(client, there));
            carry(there, client);
        } catch (IOException e) {
            shut(client);
        }
    }

    private static void carry(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException e) {
            // One of them is broken, and the other has no use any more.
        }
        shut(from);
        shut(to);
    }

    private static void shut(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        breakAll();
    }
}
