package io.topicstream.bench;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The JDK's own HTTP server, with a virtual thread for each request, that answers as [BareHttpServer] does: what a
/// back end costs that is an ordinary server, though it does nothing.
public final class JdkHttpServer implements AutoCloseable {
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server;

    private JdkHttpServer(int port) {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 4_096);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/", JdkHttpServer::answer);
        server.setExecutor(threads);
        server.start();
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            byte[] body = BareHttpServer.answer();
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    /// Starts on a loopback port; 0 is any.
    public static JdkHttpServer start(int port) {
        return new JdkHttpServer(port);
    }

    /// The port it listens on.
    public int port() {
        return server.getAddress().getPort();
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }

    /// Runs one until the process ends: `JdkHttpServer PORT`.
    public static void main(String[] arguments) {
        if (arguments.length != 1) {
            System.err.println("usage: JdkHttpServer PORT");
            System.exit(2);
        }
        System.out.println(
                "listening on " + start(Integer.parseInt(arguments[0])).port());
    }
}
