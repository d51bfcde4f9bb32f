package io.topicstream.client;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// One WebSocket connection, from the attempt to its end. Owned by the client's loop; what comes from the
/// network's threads is moved there (`onX` here runs on the network's, the `Events` run on the loop).
///
/// Sending: the JDK takes one message at a time, so frames wait in a queue, and what has gathered there
/// meanwhile goes as one array. Receiving: the next piece is asked for at once while less than
/// [#MAX_CHARS_AT_THE_LOOP] wait for the loop, and else when they were dealt with, so that a client that is busy
/// slows the server down and does not fill its memory. At once, because the JDK loses the end of a connection
/// that it reads while nothing is asked for; then the client goes by the silence.
final class Socket implements WebSocket.Listener {
    static final int ABNORMAL = 1006;
    static final int MAX_FRAMES_AT_ONCE = 500;

    private static final int MAX_MESSAGE_CHARS = 16 * 1024 * 1024;
    private static final int MAX_CHARS_AT_THE_LOOP = 64 * 1024;

    /// What happens to a connection, told on the loop. [#onClosed] comes once, last.
    interface Events {
        void onOpened(Socket socket);

        void onText(Socket socket, String message);

        /// Anything came, if only a ping.
        void onSignOfLife(Socket socket);

        /// The connection is no more, or there never was one.
        ///
        /// @param code close code, or HTTP status of a refused handshake, or [#ABNORMAL]
        /// @param retryAfterMs how long the server wants the client to stay away, or 0
        /// @param cause what the network said, or null where the server closed the connection
        void onClosed(Socket socket, int code, String reason, long retryAfterMs, @Nullable Throwable cause);
    }

    private final ClientLoop loop;
    private final Events events;
    private final int maxArrayChars;
    private final ArrayDeque<String> outbox = new ArrayDeque<>();
    private @Nullable WebSocket webSocket;
    private boolean sending;
    private boolean closed;
    private boolean sentArray;
    /// Of the network's thread: a message whose end has not come.
    private final StringBuilder partial = new StringBuilder();
    /// How much has been handed to the loop and not dealt with, each message as its characters and one more.
    private final AtomicInteger atTheLoop = new AtomicInteger();

    private Socket(ClientLoop loop, Events events, int maxArrayChars) {
        this.loop = loop;
        this.events = events;
        this.maxArrayChars = maxArrayChars;
    }

    /// Begins to connect.
    ///
    /// @param maxArrayChars the longest array of frames that is sent, 0 for none
    static Socket open(
            HttpClient http,
            java.net.URI uri,
            Map<String, String> headers,
            Duration timeout,
            ClientLoop loop,
            int maxArrayChars,
            Events events) {
        Socket socket = new Socket(loop, events, maxArrayChars);
        WebSocket.Builder builder =
                http.newWebSocketBuilder().connectTimeout(timeout).subprotocols("topicstream.v1");
        headers.forEach(builder::header);
        var _ = builder.buildAsync(uri, socket)
                .whenComplete((opened, failure) -> loop.execute(() -> {
                    if (failure == null) {
                        socket.onHandshake(opened);
                    } else {
                        socket.onRefused(failure);
                    }
                }));
        return socket;
    }

    private void onHandshake(WebSocket opened) {
        if (closed) {
            opened.abort();
            return;
        }
        webSocket = opened;
        events.onOpened(this);
        pump();
        opened.request(1);
    }

    private void onRefused(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        if (cause instanceof WebSocketHandshakeException refused) {
            HttpResponse<?> response = refused.getResponse();
            long retryAfterMs = response.headers()
                    .firstValue("Retry-After")
                    .filter(text -> text.matches("\\d{1,6}"))
                    .map(text -> Long.parseLong(text) * 1000)
                    .orElse(0L);
            String code = response.headers().firstValue("Topic-Error").orElse("");
            ended(
                    response.statusCode(),
                    "the server answered " + response.statusCode() + (code.isEmpty() ? "" : " " + code),
                    retryAfterMs);
        } else {
            ended(ABNORMAL, describe(cause), 0, cause);
        }
    }

    private static String describe(Throwable cause) {
        String message = cause.getMessage();
        return switch (cause) {
            case java.net.http.HttpTimeoutException _ -> "no answer in time";
            case java.net.ConnectException _ -> "cannot connect: " + whyNot(cause);
            case IOException _ -> message == null ? "the connection broke" : "the connection broke: " + message;
            default -> "the connection broke: " + cause;
        };
    }

    /// The JDK leaves the reason to an exception further down, which has no words.
    private static String whyNot(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause.getMessage() != null && !cause.getMessage().isEmpty()) {
                return cause.getMessage();
            }
            if (cause instanceof UnresolvedAddressException) {
                return "nobody knows a host of this name";
            }
        }
        return "nobody listens there";
    }

    // ---- on the loop

    /// Sends a frame after those that wait.
    void send(String frame) {
        if (!closed) {
            outbox.addLast(frame);
            pump();
        }
    }

    private void pump() {
        WebSocket open = webSocket;
        if (open == null || closed || sending || outbox.isEmpty()) {
            return;
        }
        sending = true;
        var _ = open.sendText(nextMessage(), true)
                .whenComplete((_, failure) -> loop.execute(() -> {
                    sending = false;
                    if (failure != null) {
                        ended(ABNORMAL, describe(failure), 0, failure);
                    } else {
                        pump();
                    }
                }));
    }

    private String nextMessage() {
        String first = outbox.removeFirst();
        if (outbox.isEmpty() || first.length() + outbox.getFirst().length() + 3 > maxArrayChars) {
            return first;
        }
        StringBuilder array = new StringBuilder(first.length() * 4).append('[').append(first);
        int count = 1;
        while (!outbox.isEmpty()
                && count < MAX_FRAMES_AT_ONCE
                && array.length() + outbox.getFirst().length() + 2 <= maxArrayChars) {
            array.append(',').append(outbox.removeFirst());
            count++;
        }
        sentArray = true;
        return array.append(']').toString();
    }

    /// Whether frames were sent as arrays.
    boolean sentArray() {
        return sentArray;
    }

    /// Ends the connection in order; [Events#onClosed] is not called.
    void close(int code, String reason) {
        closed = true;
        outbox.clear();
        WebSocket open = webSocket;
        if (open != null) {
            var _ = open.sendClose(code, reason).whenComplete((_, failure) -> {
                if (failure != null) {
                    open.abort();
                }
            });
            loop.schedule(open::abort, 1000);
        }
    }

    /// Ends the connection at once, as if the other side had vanished.
    void abort(String reason) {
        ended(ABNORMAL, reason, 0);
    }

    private void ended(int code, String reason, long retryAfterMs) {
        ended(code, reason, retryAfterMs, null);
    }

    private void ended(int code, String reason, long retryAfterMs, @Nullable Throwable cause) {
        if (closed) {
            return;
        }
        closed = true;
        outbox.clear();
        if (webSocket != null && code == ABNORMAL) {
            webSocket.abort();
        }
        events.onClosed(this, code, reason, retryAfterMs, cause);
    }

    private void dealtWith(int chars) {
        int after = atTheLoop.addAndGet(-chars);
        if (after < MAX_CHARS_AT_THE_LOOP && after + chars >= MAX_CHARS_AT_THE_LOOP && !closed && webSocket != null) {
            webSocket.request(1);
        }
    }

    // ---- on the network's threads

    @Override
    public void onOpen(WebSocket opened) {
        // Nothing is asked for before the loop knows the connection.
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        if (partial.length() + data.length() > MAX_MESSAGE_CHARS) {
            loop.execute(() -> abort("the server sent a message of more than " + MAX_MESSAGE_CHARS + " characters"));
            return null;
        }
        partial.append(data);
        if (last) {
            String message = partial.toString();
            partial.setLength(0);
            if (partial.capacity() > 1 << 20) {
                partial.trimToSize();
            }
            handOver(from, message.length() + 1, () -> events.onText(this, message));
        } else {
            from.request(1);
        }
        return null;
    }

    /// Hands something to the loop, and asks for more while not too much waits there.
    private void handOver(WebSocket from, int chars, Runnable task) {
        if (atTheLoop.addAndGet(chars) < MAX_CHARS_AT_THE_LOOP) {
            from.request(1);
        }
        loop.execute(() -> {
            if (!closed) {
                events.onSignOfLife(this);
                task.run();
                dealtWith(chars);
            }
        });
    }

    @Override
    public @Nullable CompletionStage<?> onBinary(WebSocket from, java.nio.ByteBuffer data, boolean last) {
        loop.execute(() -> abort("the server sent binary data"));
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPing(WebSocket from, java.nio.ByteBuffer data) {
        handOver(from, 1, () -> {});
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onPong(WebSocket from, java.nio.ByteBuffer data) {
        handOver(from, 1, () -> {});
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        loop.execute(() -> ended(code, reason.isEmpty() ? "the server closed the connection" : reason, 0));
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
        loop.execute(() -> ended(ABNORMAL, describe(failure), 0, failure));
    }
}
