package io.topicstream.server;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// A WebSocket client that knows nothing of the server's inside: it sends text and keeps what comes.
///
/// Frames are kept as text, one JSON object each; arrays of frames are taken apart. Waiting is
/// bounded, and says what came instead.
public final class TestClient implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final WebSocket socket;
    private final Received received;

    private TestClient(WebSocket socket, Received received) {
        this.socket = socket;
        this.received = received;
    }

    /// How a client connects.
    public static final class Options {
        private final URI uri;
        private final Map<String, String> headers = new LinkedHashMap<>();
        private final List<String> subprotocols = new ArrayList<>();

        private Options(URI uri) {
            this.uri = uri;
        }

        public Options header(String name, String value) {
            headers.put(name, value);
            return this;
        }

        public Options subprotocol(String name) {
            subprotocols.add(name);
            return this;
        }

        /// Connects; fails with the handshake's exception where the server refuses.
        public TestClient open() {
            Received received = new Received();
            WebSocket.Builder builder = HTTP.newWebSocketBuilder().connectTimeout(PATIENCE);
            headers.forEach(builder::header);
            if (!subprotocols.isEmpty()) {
                builder.subprotocols(
                        subprotocols.getFirst(),
                        subprotocols.subList(1, subprotocols.size()).toArray(String[]::new));
            }
            return new TestClient(builder.buildAsync(uri, received).join(), received);
        }

        /// The HTTP status with which the server refuses the upgrade.
        public int refusedWith() {
            try {
                open().abort();
            } catch (CompletionException e) {
                if (e.getCause() instanceof WebSocketHandshakeException refused) {
                    return refused.getResponse().statusCode();
                }
                throw e;
            }
            throw new AssertionError("the server took the connection");
        }
    }

    /// Begins a connection to a path of the server at `base` (an `http:` URL).
    public static Options to(URI base, String path) {
        return new Options(URI.create("ws" + base.toString().substring("http".length()) + path));
    }

    /// A connection on the native stage whose greeting has been taken.
    public static TestClient connect(URI base) {
        TestClient client = to(base, "/v1").open();
        client.await("\"type\":\"welcome\"");
        return client;
    }

    /// Sends one WebSocket message.
    public TestClient send(String text) {
        socket.sendText(text, true).join();
        return this;
    }

    /// The next frame, whatever it is.
    public String next() {
        return next(_ -> true, "any frame");
    }

    /// The next frame that contains the text; those before it are dropped.
    public String await(String text) {
        return next(frame -> frame.contains(text), text);
    }

    /// The next frame that contains the text, if one comes in this time; those before it are dropped.
    public Optional<String> within(Duration patience, String text) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                String frame = received.frames.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (frame == null || frame.contains(text)) {
                    return Optional.ofNullable(frame);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private String next(Predicate<String> wanted, String description) {
        List<String> dropped = new ArrayList<>();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            while (true) {
                String frame = received.frames.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (frame == null) {
                    throw new AssertionError("no frame with " + description + "; came instead: " + dropped
                            + ", closed: " + received.closeCode);
                }
                if (wanted.test(frame)) {
                    return frame;
                }
                dropped.add(frame);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /// Frames that have come and were not taken.
    public List<String> pending() {
        return new ArrayList<>(received.frames);
    }

    /// Whether it was closed.
    public boolean isClosed() {
        return received.closed.getCount() == 0;
    }

    /// The code with which the connection was closed, when it is.
    public int awaitClose() {
        try {
            if (!received.closed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("still open");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
        return received.closeCode;
    }

    /// What the server said when it closed the connection.
    public String closeReason() {
        return received.closeReason;
    }

    /// The subprotocol that the server selected, or the empty text.
    public String subprotocol() {
        return socket.getSubprotocol();
    }

    /// Closes with 1000 and waits for the answer. The server may be closing at the same moment.
    @Override
    public void close() {
        if (!socket.isOutputClosed()) {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "")
                    .exceptionally(_ -> socket)
                    .join();
        }
        awaitClose();
    }

    /// Vanishes without a word.
    public void abort() {
        socket.abort();
    }

    private static final class Received implements WebSocket.Listener {
        private final LinkedBlockingQueue<String> frames = new LinkedBlockingQueue<>();
        private final CountDownLatch closed = new CountDownLatch(1);
        private final StringBuilder partial = new StringBuilder();
        private volatile int closeCode = -1;
        private volatile String closeReason = "";

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            partial.append(data);
            if (last) {
                frames.addAll(JsonTexts.elements(partial.toString()));
                partial.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            closeReason = reason;
            closeCode = code;
            closed.countDown();
            return null;
        }

        @Override
        public void onError(WebSocket from, Throwable error) {
            closed.countDown();
        }
    }
}
