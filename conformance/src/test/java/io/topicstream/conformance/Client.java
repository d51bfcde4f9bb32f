package io.topicstream.conformance;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A client of the API on a WebSocket over TLS. It knows of itself what a back end would be told.
final class Client implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
    private final WebSocket socket;
    final String id;
    final String domainName;
    final String stage;

    /// @param url that clients open
    Client(HttpClient http, String url) throws Exception {
        socket = http.newWebSocketBuilder()
                .header("User-Agent", "client of the test")
                .buildAsync(URI.create(url), new Ear())
                .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        socket.sendText("who am I?", true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        List<String> told = List.of(next().split(" "));
        id = told.get(0).substring("text:".length());
        domainName = told.get(1);
        stage = told.get(2);
    }

    /// The next that comes: `text:…`, `binary:…` in hexadecimal digits, or `closed:` with the code.
    String next() throws InterruptedException {
        return String.valueOf(heard.poll(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    /// Whether nothing has come.
    boolean isSilent() {
        return heard.isEmpty();
    }

    private final class Ear implements WebSocket.Listener {
        private final StringBuilder text = new StringBuilder();
        private final StringBuilder bytes = new StringBuilder();

        @Override
        public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
            text.append(part);
            if (last) {
                heard.add("text:" + text);
                text.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
            byte[] copy = new byte[part.remaining()];
            part.get(copy);
            bytes.append(HexFormat.of().formatHex(copy));
            if (last) {
                heard.add("binary:" + bytes);
                bytes.setLength(0);
            }
            from.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
            heard.add("closed:" + code);
            return null;
        }
    }

    /// Ends the connection, and waits until the server has heard it.
    void leave() throws Exception {
        socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        next();
    }

    @Override
    public void close() {
        socket.abort();
    }
}
