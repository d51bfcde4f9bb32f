package io.topicstream.client;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/// A TCP proxy that breaks each connection after a while, in a way drawn from a seed: by a reset, by an end in
/// order, by an end of one direction only, or after a pause in which nothing goes through. [#heal] lets new
/// ones live.
final class CuttingProxy implements AutoCloseable {
    enum Cut {
        RESET,
        END,
        HALF_END,
        PAUSE
    }

    private static final int PAUSE_MS = 150;

    private final ServerSocket listening;
    private final int target;
    private final Random random;
    private final int minBytes;
    private final int maxBytes;
    private final Map<Cut, AtomicInteger> cuts = new ConcurrentHashMap<>();
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile boolean healed;

    /// @param minBytes how much a connection carries at least before it is cut, both directions together
    CuttingProxy(int target, long seed, int minBytes, int maxBytes) throws IOException {
        this.target = target;
        this.random = new Random(seed);
        this.minBytes = minBytes;
        this.maxBytes = maxBytes;
        this.listening = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    int port() {
        return listening.getLocalPort();
    }

    void heal() {
        healed = true;
    }

    int cuts(Cut kind) {
        return counter(kind).get();
    }

    private AtomicInteger counter(Cut kind) {
        return cuts.computeIfAbsent(kind, _ -> new AtomicInteger());
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listening.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
                sockets.add(client);
                sockets.add(server);
                Connection connection = new Connection(client, server);
                Thread.ofVirtual().start(() -> connection.pump(client, server));
                Thread.ofVirtual().start(() -> connection.pump(server, client));
            }
        } catch (IOException e) {
            // Closed.
            stopped.countDown();
        }
    }

    private final class Connection {
        private final Socket client;
        private final Socket server;
        private final Cut cut;
        private long left;

        Connection(Socket client, Socket server) {
            this.client = client;
            this.server = server;
            synchronized (random) {
                this.cut = List.of(Cut.values()).get(random.nextInt(Cut.values().length));
                this.left = random.nextInt(minBytes, maxBytes);
            }
        }

        void pump(Socket from, Socket to) {
            byte[] buffer = new byte[4096];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                while (true) {
                    int count = in.read(buffer);
                    if (count < 0) {
                        to.shutdownOutput();
                        return;
                    }
                    boolean last;
                    synchronized (this) {
                        last = !healed && left > 0 && left <= count;
                        int allowed = last ? (int) left : count;
                        left -= count;
                        // A message is broken in its middle, too.
                        out.write(buffer, 0, healed || last ? allowed : count);
                    }
                    if (last) {
                        cut(from, to);
                        return;
                    }
                }
            } catch (IOException e) {
                close(client);
                close(server);
            }
        }

        private void cut(Socket from, Socket to) throws IOException {
            counter(cut).incrementAndGet();
            switch (cut) {
                case RESET -> reset();
                case END -> {
                    close(client);
                    close(server);
                }
                case HALF_END -> {
                    to.shutdownOutput();
                    from.shutdownInput();
                    awaitStop();
                    reset();
                }
                case PAUSE -> {
                    awaitStop();
                    reset();
                }
            }
        }

        private void awaitStop() {
            try {
                stopped.await(PAUSE_MS, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void reset() throws IOException {
            client.setSoLinger(true, 0);
            server.setSoLinger(true, 0);
            close(client);
            close(server);
        }
    }

    private void close(Socket socket) {
        sockets.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            throw new IllegalStateException("a socket does not close", e);
        }
    }

    @Override
    public void close() throws IOException {
        listening.close();
        sockets.forEach(this::close);
    }
}
