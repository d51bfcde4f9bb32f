package io.topicstream.server.forgetful;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.topicstream.transport.WebSocketConnection;
import io.topicstream.transport.WebSocketFrames;
import io.topicstream.transport.WebSocketListener;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// What API Gateway holds between two frames, and nothing else: the sockets by connection id, and the frames that
/// no function has taken yet. It knows neither users nor topics nor dialects. Thread-safe.
///
/// It calls a function for a connection that wants to open ($connect, which is the upgrade), for each frame
/// ($default), and for the end ($disconnect), which may be lost; for nothing else, so nobody is told when a
/// connection has opened. Until it has, whoever posts to it is told that it is gone.
final class Gateway {
    private static final System.Logger LOGGER = System.getLogger(Gateway.class.getName());
    /// Frames that may wait on one connection before it is no longer read.
    private static final int MAX_WAITING = 64;
    /// How many frames of one connection run at once, at most.
    private static final int MAX_AT_ONCE = 16;
    private static final long LONGEST_DELAY_MS = 15;
    private static final long POST_SECONDS = 10;

    /// What is run for a connection, each call on a thread that may block.
    interface Functions {
        void onText(String connectionId, byte[] text);

        void onClosed(String connectionId);
    }

    /// How a call about one connection is answered.
    enum Answer {
        /// 200: the gateway has it.
        DONE,
        /// 410: the connection is not open, not yet or not any more.
        GONE,
        /// 429: too much just now, or the client does not read; to be tried again.
        BUSY,
        /// 413: so much cannot be posted, now or ever.
        TOO_LARGE
    }

    private final Functions functions;
    private final Executor executor;
    private final Weather weather;
    private final Random random;
    private final Map<String, Socket> sockets = new ConcurrentHashMap<>();

    Gateway(Functions functions, Executor executor, Weather weather) {
        this.functions = functions;
        this.executor = executor;
        this.weather = weather;
        this.random = new Random(weather.seed());
    }

    /// The place of a connection whose $connect was answered well, and that is about to open.
    WebSocketListener socket(String connectionId, EventLoop loop) {
        Socket socket = new Socket(connectionId, loop, random.nextInt(100) < weather.lostEndsIn100());
        sockets.put(connectionId, socket);
        return socket;
    }

    /// Sends a text message. Not to be called on an event loop.
    Answer post(String connectionId, byte[] text) {
        if (text.length > weather.mostPostBytes()) {
            return Answer.TOO_LARGE;
        }
        if (random.nextInt(100) < weather.busyIn100()) {
            return Answer.BUSY;
        }
        return ask(connectionId, socket -> socket.write(text));
    }

    /// Whether the connection is open.
    Answer describe(String connectionId) {
        return ask(connectionId, Socket::describe);
    }

    /// Closes a connection.
    Answer close(String connectionId, int code, String reason) {
        return ask(connectionId, socket -> socket.close(code, reason));
    }

    private interface Question {
        Answer of(Socket socket);
    }

    private Answer ask(String connectionId, Question question) {
        Socket socket = sockets.get(connectionId);
        if (socket == null) {
            return Answer.GONE;
        }
        CompletableFuture<Answer> answer = new CompletableFuture<>();
        try {
            socket.loop.execute(() -> answer.complete(question.of(socket)));
        } catch (RejectedExecutionException e) {
            return Answer.GONE;
        }
        return answer.completeOnTimeout(Answer.BUSY, POST_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    /// Ends a connection and tells nobody.
    void lose(String connectionId) {
        Socket socket = sockets.get(connectionId);
        if (socket != null) {
            socket.endIsLost = true;
            var _ = close(connectionId, 1001, "going away");
        }
    }

    private final class Socket implements WebSocketListener {
        private final String connectionId;
        private final EventLoop loop;
        private volatile boolean endIsLost;

        // Of the loop.
        private @Nullable WebSocketConnection connection;

        // Guarded by this.
        private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
        private int running;
        private boolean paused;

        Socket(String connectionId, EventLoop loop, boolean endIsLost) {
            this.connectionId = connectionId;
            this.loop = loop;
            this.endIsLost = endIsLost;
        }

        @Override
        public void onOpen(WebSocketConnection open) {
            connection = open;
        }

        @Override
        public void onText(byte[] buffer, int from, int to) {
            byte[] text = Arrays.copyOfRange(buffer, from, to);
            long delayMs =
                    weather.framesAtOnce() ? Math.max(0, random.nextLong(2 * LONGEST_DELAY_MS) - LONGEST_DELAY_MS) : 0;
            enqueue(() -> {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(delayMs));
                functions.onText(connectionId, text);
            });
        }

        @Override
        public void onBinary(byte[] buffer, int from, int to) {
            var _ = close(1003, "frames are text");
        }

        @Override
        public void onClosed(int code, String reason) {
            connection = null;
            sockets.remove(connectionId, this);
            if (!endIsLost) {
                enqueue(() -> functions.onClosed(connectionId));
            }
        }

        private void enqueue(Runnable event) {
            boolean start;
            synchronized (this) {
                waiting.add(event);
                start = running < (weather.framesAtOnce() ? MAX_AT_ONCE : 1);
                if (start) {
                    running++;
                }
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
                        running--;
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
                    var _ = Gateway.this.close(connectionId, 1011, "internal error");
                }
            }
        }

        private void readOn() {
            if (connection != null) {
                connection.resumeReading();
            }
        }

        private Answer describe() {
            return connection == null ? Answer.GONE : Answer.DONE;
        }

        private Answer write(byte[] text) {
            WebSocketConnection open = connection;
            if (open == null) {
                return Answer.GONE;
            }
            if (!open.isWritable()) {
                return Answer.BUSY;
            }
            ByteBuf frame = open.channel().alloc().buffer(WebSocketFrames.MAX_HEADER_BYTES + text.length);
            WebSocketFrames.writeTextHeader(frame, text.length);
            open.write(frame.writeBytes(text));
            open.flush();
            return Answer.DONE;
        }

        private Answer close(int code, String reason) {
            WebSocketConnection open = connection;
            if (open == null) {
                return Answer.GONE;
            }
            open.close(code, reason);
            return Answer.DONE;
        }
    }
}
