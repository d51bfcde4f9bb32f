package io.topicstream.examples.chatworkflow;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/// Stands at the way of posts to connections, and sees how many are under way at once. It answers as a test wants, or
/// hands them on to the gateway.
final class Posts implements AutoCloseable {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();
    private final List<Post> seen = new CopyOnWriteArrayList<>();
    private volatile @Nullable String gateway;
    private volatile ToIntFunction<Post> answers = _ -> 200;
    private volatile int held;

    /// What was posted.
    record Post(String connectionId, String text) {}

    Posts() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::take);
        server.setExecutor(threads);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/lobby";
    }

    /// Hands all on from now on.
    void handOnTo(int port) {
        gateway = "http://127.0.0.1:" + port;
    }

    /// Answers with statuses from now on.
    void answer(ToIntFunction<Post> function) {
        answers = function;
    }

    /// Keeps posts waiting until so many are under way.
    void holdUntil(int count) {
        held = count;
    }

    int mostAtOnce() {
        return most.get();
    }

    List<Post> seen() {
        return List.copyOf(seen);
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            byte[] body = exchange.getRequestBody().readAllBytes();
            String path = exchange.getRequestURI().getRawPath();
            Post post = new Post(
                    exchange.getRequestURI().getPath().replaceFirst(".*/@connections/", ""),
                    new String(body, StandardCharsets.UTF_8));
            seen.add(post);
            long deadlineNs = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
            while (most.get() < held && System.nanoTime() < deadlineNs) {
                Thread.sleep(1);
            }
            String behind = gateway;
            int status = behind == null
                    ? answers.applyAsInt(post)
                    : HTTP.send(
                                    HttpRequest.newBuilder(URI.create(behind + path))
                                            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                            .build(),
                                    HttpResponse.BodyHandlers.discarding())
                            .statusCode();
            underWay.decrementAndGet();
            exchange.sendResponseHeaders(status, -1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
