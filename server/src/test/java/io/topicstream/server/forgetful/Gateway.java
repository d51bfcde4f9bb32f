package io.topicstream.server.forgetful;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.topicstream.transport.WebSocketConnection;
import io.topicstream.transport.WebSocketFrames;
import io.topicstream.transport.WebSocketListener;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// What API Gateway holds between two frames, and nothing else: the sockets by connection id, and for each
/// the frames that wait for the one before them. It knows neither users nor topics nor dialects.
/// Thread-safe.
final class Gateway {
    private static final System.Logger LOGGER = System.getLogger(Gateway.class.getName());
    /// Frames that may wait on one connection before it is no longer read.
    private static final int MAX_WAITING = 64;
    private static final long POST_SECONDS = 30;

    /// What is run for the events of a connection, one after the other, each on a thread that may block.
    interface Functions {
        void onOpen(String connectionId);

        void onText(String connectionId, byte[] text);

        void onClosed(String connectionId);
    }

    private final Functions functions;
    private final Executor executor;
    private final Map<String, Socket> sockets = new ConcurrentHashMap<>();

    Gateway(Functions functions, Executor executor) {
        this.functions = functions;
        this.executor = executor;
    }

    /// The place of a connection that is about to open.
    WebSocketListener socket(String connectionId, EventLoop loop) {
        Socket socket = new Socket(connectionId, loop);
        sockets.put(connectionId, socket);
        return socket;
    }

    /// Sends a text message and waits until it has left. Not to be called on an event loop.
    ///
    /// @return false if the connection is gone
    boolean post(String connectionId, byte[] text) {
        Socket socket = sockets.get(connectionId);
        if (socket == null) {
            return false;
        }
        CompletableFuture<Boolean> sent = new CompletableFuture<>();
        try {
            socket.loop.execute(() -> socket.write(text, sent));
        } catch (RejectedExecutionException e) {
            return false;
        }
        return sent.completeOnTimeout(false, POST_SECONDS, TimeUnit.SECONDS).join();
    }

    /// Closes a connection, if it is there.
    void close(String connectionId, int code, String reason) {
        Socket socket = sockets.get(connectionId);
        if (socket != null) {
            socket.loop.execute(() -> socket.close(code, reason));
        }
    }

    private final class Socket implements WebSocketListener {
        private final String connectionId;
        private final EventLoop loop;

        // Of the loop.
        private @Nullable WebSocketConnection connection;

        // Guarded by this.
        private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
        private boolean running;
        private boolean paused;

        Socket(String connectionId, EventLoop loop) {
            this.connectionId = connectionId;
            this.loop = loop;
        }

        @Override
        public void onOpen(WebSocketConnection open) {
            connection = open;
            enqueue(() -> functions.onOpen(connectionId));
        }

        @Override
        public void onText(byte[] buffer, int from, int to) {
            byte[] text = Arrays.copyOfRange(buffer, from, to);
            enqueue(() -> functions.onText(connectionId, text));
        }

        @Override
        public void onBinary(byte[] buffer, int from, int to) {
            close(1003, "frames are text");
        }

        @Override
        public void onClosed(int code, String reason) {
            connection = null;
            sockets.remove(connectionId);
            enqueue(() -> functions.onClosed(connectionId));
        }

        private void enqueue(Runnable event) {
            boolean start;
            synchronized (this) {
                waiting.add(event);
                start = !running;
                running = true;
                if (!paused && connection != null && waiting.size() >= MAX_WAITING) {
                    paused = true;
                    connection.pauseReading();
                }
            }
            if (start) {
                executor.execute(this::runWaiting);
            }
        }

        private void runWaiting() {
            while (true) {
                Runnable event;
                synchronized (this) {
                    event = waiting.poll();
                    if (event == null) {
                        running = false;
                        return;
                    }
                    if (paused && waiting.isEmpty()) {
                        paused = false;
                        loop.execute(this::readOn);
                    }
                }
                try {
                    event.run();
                } catch (RuntimeException e) {
                    LOGGER.log(System.Logger.Level.ERROR, "a function failed", e);
                    Gateway.this.close(connectionId, 1011, "internal error");
                }
            }
        }

        private void readOn() {
            if (connection != null) {
                connection.resumeReading();
            }
        }

        private void write(byte[] text, CompletableFuture<Boolean> sent) {
            WebSocketConnection open = connection;
            if (open == null) {
                sent.complete(false);
                return;
            }
            ByteBuf frame = open.channel().alloc().buffer(WebSocketFrames.MAX_HEADER_BYTES + text.length);
            WebSocketFrames.writeTextHeader(frame, text.length);
            frame.writeBytes(text);
            open.write(frame, () -> sent.complete(true));
            open.flush();
        }

        private void close(int code, String reason) {
            if (connection != null) {
                connection.close(code, reason);
            }
        }
    }
}
