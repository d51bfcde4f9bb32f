package io.topicstream.client;

import java.net.Authenticator;
import java.net.ConnectException;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// WebSockets without a network: each is opened, lost and answered when the test says so.
final class ScriptedHttp extends HttpClient {
    /// The attempt to connect that has no answer yet.
    private @Nullable Connection asked;
    private @Nullable Connection newest;
    /// What clients have sent since the last look, each a WebSocket message.
    private List<String> sent = new ArrayList<>();

    boolean isAsked() {
        return asked != null;
    }

    /// The attempt that the client makes now.
    Connection answer() {
        Connection answered = asked;
        if (answered == null) {
            throw new AssertionError("the client does not ask for a connection");
        }
        asked = null;
        newest = answered;
        return answered;
    }

    Connection newest() {
        if (newest == null) {
            throw new AssertionError("there was no connection");
        }
        return newest;
    }

    List<String> taken() {
        List<String> taken = sent;
        sent = new ArrayList<>();
        return taken;
    }

    @Override
    public WebSocket.Builder newWebSocketBuilder() {
        return new Asking();
    }

    private final class Asking implements WebSocket.Builder {
        @Override
        public WebSocket.Builder header(String name, String value) {
            return this;
        }

        @Override
        public WebSocket.Builder connectTimeout(Duration timeout) {
            return this;
        }

        @Override
        public WebSocket.Builder subprotocols(String mostPreferred, String... lesserPreferred) {
            return this;
        }

        @Override
        public CompletableFuture<WebSocket> buildAsync(URI uri, WebSocket.Listener listener) {
            Connection connection = new Connection(listener);
            asked = connection;
            return connection.opened;
        }
    }

    /// One of them, from the attempt to its end.
    final class Connection implements WebSocket {
        private final Listener listener;
        private final CompletableFuture<WebSocket> opened = new CompletableFuture<>();

        private Connection(Listener listener) {
            this.listener = listener;
        }

        void open() {
            opened.complete(this);
        }

        void say(String text) {
            listener.onText(this, text, true);
        }

        /// A refusal that is a close code comes on a connection that is open, as servers send it.
        void lose(int code, String reason) {
            if (code != Socket.ABNORMAL) {
                opened.complete(this);
                listener.onClose(this, code, reason);
            } else if (!opened.completeExceptionally(new ConnectException("nobody listens there"))) {
                listener.onError(this, new ConnectException(reason));
            }
        }

        @Override
        public CompletableFuture<WebSocket> sendText(CharSequence data, boolean last) {
            sent.add(data.toString());
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public CompletableFuture<WebSocket> sendBinary(ByteBuffer data, boolean last) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<WebSocket> sendPing(ByteBuffer message) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<WebSocket> sendPong(ByteBuffer message) {
            throw new UnsupportedOperationException();
        }

        @Override
        public CompletableFuture<WebSocket> sendClose(int code, String reason) {
            return CompletableFuture.completedFuture(this);
        }

        @Override
        public void request(long count) {
            // What the test says comes whether asked for or not.
        }

        @Override
        public String getSubprotocol() {
            return "topicstream.v1";
        }

        @Override
        public boolean isOutputClosed() {
            return false;
        }

        @Override
        public boolean isInputClosed() {
            return false;
        }

        @Override
        public void abort() {
            // The test says what becomes of it.
        }
    }

    // ---- of HTTP there is nothing

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return Optional.empty();
    }

    @Override
    public Redirect followRedirects() {
        return Redirect.NEVER;
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return Optional.empty();
    }

    @Override
    public SSLContext sslContext() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SSLParameters sslParameters() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return Optional.empty();
    }

    @Override
    public Version version() {
        return Version.HTTP_1_1;
    }

    @Override
    public Optional<Executor> executor() {
        return Optional.empty();
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
        throw new UnsupportedOperationException();
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request,
            HttpResponse.BodyHandler<T> handler,
            HttpResponse.@Nullable PushPromiseHandler<T> pushHandler) {
        throw new UnsupportedOperationException();
    }
}
