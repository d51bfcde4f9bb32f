package io.topicstream.cli.documents;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One side of a conversation that a page shows. What comes is kept as lines in the page's own words: a
/// message's text, `closed with` a code, or, where no connection came about, `refused with` a status.
final class FrameClient implements AutoCloseable, WebSocket.Listener {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final LinkedBlockingQueue<String> received = new LinkedBlockingQueue<>();
    private final StringBuilder partial = new StringBuilder();
    private final @Nullable WebSocket socket;
    private final LastWords lastWords;
    private boolean ended;

    FrameClient(URI server, String path, @Nullable String token) {
        lastWords = LastWords.on(path);
        WebSocket.Builder builder = HTTP.newWebSocketBuilder().connectTimeout(PATIENCE);
        if (token != null) {
            builder.header("Authorization", "Bearer " + token);
        }
        WebSocket opened = null;
        try {
            opened = builder.buildAsync(URI.create("ws" + server.toString().substring("http".length()) + path), this)
                    .join();
        } catch (CompletionException e) {
            if (!(e.getCause() instanceof WebSocketHandshakeException refused)) {
                throw e;
            }
            received.add("refused with " + refused.getResponse().statusCode());
        }
        socket = opened;
    }

    void send(String message) {
        if (socket == null) {
            throw new AssertionError("there is no connection to send on");
        }
        socket.sendText(message, true).join();
    }

    /// What comes next.
    String next() throws InterruptedException {
        String next = received.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (next == null) {
            throw new AssertionError("nothing more comes");
        }
        ended |= next.startsWith("closed with ") || next.startsWith("refused with ");
        return next;
    }

    /// What is said last, and how the answer to it begins. Where only deliveries answer, that is a message of its own.
    private record LastWords(List<String> said, String answer) {
        static LastWords on(String path) {
            return switch (path.replaceFirst("[?].*", "")) {
                case "/live" ->
                    new LastWords(
                            List.of(
                                    "{\"action\":\"subscribe\",\"topic\":\"the.end\"}",
                                    "{\"action\":\"publish\",\"topic\":\"the.end\",\"message\":0}"),
                            "{\"topic\":\"the.end\",\"message\":0}");
                case "/dev" ->
                    new LastWords(
                            List.of("{\"action\":\"sendMessage\",\"content\":\"the end\"}"),
                            "{\"action\":\"sendMessage\",\"content\":\"the end\"");
                case "/staging" -> new LastWords(List.of("{\"type\":\"ping\"}"), "{\"type\":\"pong\"");
                default ->
                    new LastWords(
                            List.of("{\"action\":\"ping\",\"id\":\"last\"}"), "{\"type\":\"pong\",\"id\":\"last\"}");
            };
        }
    }

    /// What came and was not taken: all that comes before the answer to its last words.
    String rest() throws InterruptedException {
        StringBuilder rest = new StringBuilder();
        if (!ended) {
            lastWords.said().forEach(this::send);
            for (String next = next(); !next.startsWith(lastWords.answer()); next = next()) {
                rest.append(next).append('\n');
            }
        }
        return rest.toString();
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            received.add(partial.toString());
            partial.setLength(0);
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        received.add("closed with " + code);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        received.add("broken: " + error);
    }

    @Override
    public void close() {
        if (socket != null) {
            socket.abort();
        }
    }
}
