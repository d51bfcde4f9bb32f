package io.topicstream.examples.backend;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Somebody at a WebSocket. Used by one thread.
public class WebSocketClient implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final long PATIENCE_SECONDS = 20;

    private final LinkedBlockingQueue<String> frames = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final WebSocket socket;

    /// Opens a connection.
    ///
    /// @throws java.util.concurrent.CompletionException if it is refused
    public WebSocketClient(String url) {
        socket = HTTP.newWebSocketBuilder()
                .buildAsync(URI.create(url), new Ears())
                .join();
    }

    private final class Ears implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                frames.add(text.toString());
                text.setLength(0);
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
            closed.completeExceptionally(error);
        }
    }

    /// Sends a frame.
    public void say(String text) {
        socket.sendText(text, true).join();
    }

    /// Sends a frame, and waits for the next that comes.
    public String ask(String text) throws InterruptedException {
        say(text);
        return hear();
    }

    /// The next frame that comes.
    public String hear() throws InterruptedException {
        String frame = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(frame).as("a frame").isNotNull();
        return String.valueOf(frame);
    }

    /// The next frames that come, in any order.
    public List<String> hear(int count) throws InterruptedException {
        List<String> heard = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            heard.add(hear());
        }
        return heard;
    }

    /// The frames that have come and were not heard yet.
    public List<String> heardNow() {
        List<String> heard = new ArrayList<>();
        frames.drainTo(heard);
        return heard;
    }

    /// Ends without a word, as a machine does that loses its power.
    public void abort() {
        socket.abort();
    }

    /// The code with which the other side closed.
    public int closeCode() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /// Leaves, as a browser does.
    @Override
    public void close() throws IOException {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").join();
        try {
            closeCode();
        } catch (Exception e) {
            throw new IOException(e);
        }
    }
}
