package io.topicstream.server.crash;

import io.topicstream.server.JsonTexts;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// A WebSocket that hands over frame by frame what comes, until its peer or the test ends it.
///
/// Frames come one after the other, on a thread of the HTTP client; one thread sends.
final class FrameSocket implements WebSocket.Listener {
    /// What [#closed] answers for a connection that ended without a close frame.
    static final int CUT = 1006;

    static final HttpClient HTTP = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(30))
            .build();

    private final Consumer<String> onFrame;
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final StringBuilder partial = new StringBuilder();
    private @Nullable WebSocket socket;

    private FrameSocket(Consumer<String> onFrame) {
        this.onFrame = onFrame;
    }

    /// Connects with an API key.
    ///
    /// @param arrays whether to offer the subprotocol in which frames come in arrays
    static FrameSocket open(URI base, String path, String key, boolean arrays, Consumer<String> onFrame) {
        FrameSocket opened = new FrameSocket(onFrame);
        WebSocket.Builder builder = HTTP.newWebSocketBuilder()
                .connectTimeout(Duration.ofSeconds(30))
                .header("x-api-key", key);
        if (arrays) {
            builder.subprotocols("topicstream.v1");
        }
        opened.socket = builder.buildAsync(URI.create("ws" + base.toString().substring("http".length()) + path), opened)
                .join();
        return opened;
    }

    /// Sends a message and waits until the socket has taken it.
    ///
    /// @return whether it has; false once the connection has ended
    boolean send(String text) {
        WebSocket open = socket;
        if (open == null || closed.isDone()) {
            return false;
        }
        try {
            open.sendText(text, true).join();
            return true;
        } catch (CompletionException e) {
            return false;
        }
    }

    /// Completes with the peer's close code when no further frame comes.
    CompletableFuture<Integer> closed() {
        return closed;
    }

    /// Runs the action, with the close code, when no further frame comes.
    void whenClosed(IntConsumer action) {
        var _ = closed.thenAccept(action::accept);
    }

    /// Looks whether the peer is still there. The JDK's client does not always notice that a peer was killed before it
    /// sends something.
    void probe() {
        WebSocket open = socket;
        if (open != null) {
            var _ = open.sendPing(ByteBuffer.allocate(0)).whenComplete((_, failure) -> {
                if (failure != null) {
                    closed.complete(CUT);
                }
            });
        }
    }

    /// Vanishes without a word; what still comes is dropped.
    void abort() {
        WebSocket open = socket;
        closed.complete(CUT);
        if (open != null) {
            open.abort();
        }
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
        partial.append(data);
        if (last) {
            String text = partial.toString();
            partial.setLength(0);
            for (String frame : JsonTexts.elements(text)) {
                if (closed.isDone()) {
                    break;
                }
                onFrame.accept(frame);
            }
        }
        from.request(1);
        return null;
    }

    @Override
    public @Nullable CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed.complete(code);
        return null;
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        closed.complete(CUT);
    }
}
