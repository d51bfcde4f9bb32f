package io.topicstream.aws.runtime;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What a function sees of AWS beside its table: the interface of the runtime, which hands it its calls; the callback
/// API of a stage; and Lambda, which calls the function later. Thread-safe.
final class StubAws implements AutoCloseable {
    static final String STAGE = "v1";

    private static final String RUNTIME = "/2018-06-01/runtime/";
    private static final Pattern OF_INVOCATION = Pattern.compile(RUNTIME + "invocation/([^/]+)/(response|error)");
    private static final Pattern OF_CONNECTION = Pattern.compile("/" + STAGE + "/@connections/([^/]+)");

    /// What came of a call.
    ///
    /// @param failed whether the function says that it failed
    record Outcome(boolean failed, String text) {}

    /// What was posted to a connection.
    record Posted(String connectionId, String text) {}

    private record Call(String id, byte[] payload, CompletableFuture<Outcome> outcome) {}

    final Set<String> open = ConcurrentHashMap.newKeySet();
    final BlockingQueue<Posted> posted = new LinkedBlockingQueue<>();
    /// Completed when a snapshot may be left, as Lambda restores it.
    final CompletableFuture<Void> restored = new CompletableFuture<>();
    /// Completed when the function has come to where its snapshot is taken.
    final CompletableFuture<Void> snapshot = new CompletableFuture<>();

    /// Completed when the function says that it cannot start.
    final CompletableFuture<String> initError = new CompletableFuture<>();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final BlockingQueue<Call> calls = new LinkedBlockingQueue<>();
    private final Map<String, Call> underWay = new ConcurrentHashMap<>();
    private final AtomicLong numbers = new AtomicLong();
    private volatile Consumer<Posted> onPost = _ -> {};

    StubAws() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
    }

    String authority() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    URI uri() {
        return URI.create("http://" + authority());
    }

    /// Something is done when a post has come, before it is answered.
    void onPost(Consumer<Posted> now) {
        onPost = now;
    }

    /// Has the function called.
    CompletableFuture<Outcome> call(byte[] payload) {
        Call call = new Call("call-" + numbers.incrementAndGet(), payload, new CompletableFuture<>());
        calls.add(call);
        return call.outcome();
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getRawPath();
            byte[] body = exchange.getRequestBody().readAllBytes();
            Matcher ofInvocation = OF_INVOCATION.matcher(path);
            Matcher ofConnection = OF_CONNECTION.matcher(path);
            if (path.equals(RUNTIME + "invocation/next")) {
                next(exchange);
            } else if (ofInvocation.matches()) {
                underWay.remove(ofInvocation.group(1))
                        .outcome()
                        .complete(new Outcome(ofInvocation.group(2).equals("error"), new String(body, UTF_8)));
                answer(exchange, 202, new byte[0]);
            } else if (path.equals(RUNTIME + "restore/next")) {
                snapshot.complete(null);
                restored.join();
                answer(exchange, 200, new byte[0]);
            } else if (path.equals(RUNTIME + "init/error") || path.equals(RUNTIME + "restore/error")) {
                initError.complete(new String(body, UTF_8));
                answer(exchange, 202, new byte[0]);
            } else if (ofConnection.matches()) {
                connection(exchange, URLDecoder.decode(ofConnection.group(1), UTF_8), new String(body, UTF_8));
            } else if (path.startsWith("/2015-03-31/functions/")) {
                if ("Event".equals(exchange.getRequestHeaders().getFirst("X-Amz-Invocation-Type"))) {
                    var _ = call(body);
                    answer(exchange, 202, new byte[0]);
                } else {
                    answer(exchange, 204, new byte[0]);
                }
            } else {
                answer(exchange, 404, new byte[0]);
            }
        }
    }

    private void next(HttpExchange exchange) throws IOException {
        Call call;
        try {
            call = calls.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        underWay.put(call.id(), call);
        exchange.getResponseHeaders().set("Lambda-Runtime-Aws-Request-Id", call.id());
        exchange.getResponseHeaders()
                .set("Lambda-Runtime-Deadline-Ms", Long.toString(System.currentTimeMillis() + 29_000));
        exchange.getResponseHeaders()
                .set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:us-east-1:000000000000:function:websocket");
        answer(exchange, 200, call.payload());
    }

    private void connection(HttpExchange exchange, String id, String text) throws IOException {
        if (!open.contains(id)) {
            answer(exchange, 410, new byte[0]);
            return;
        }
        switch (exchange.getRequestMethod()) {
            case "POST" -> {
                Posted post = new Posted(id, text);
                posted.add(post);
                onPost.accept(post);
                answer(exchange, 200, new byte[0]);
            }
            case "GET" -> answer(exchange, 200, "{\"connectedAt\":\"2026-01-31T12:00:00Z\"}".getBytes(UTF_8));
            default -> {
                open.remove(id);
                answer(exchange, 204, new byte[0]);
            }
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        restored.complete(null);
        server.stop(0);
        threads.shutdownNow();
        try {
            if (!threads.awaitTermination(10, TimeUnit.SECONDS)) {
                throw new UncheckedIOException(new IOException("the stub does not end"));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
