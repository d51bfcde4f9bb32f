package io.topicstream.examples.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// A back end at the network: an HTTP server with the paths that it is told of, and `/healthz`, which says that it is
/// healthy. Each request has a virtual thread, for it waits for stores and other servers.
public final class Endpoints implements AutoCloseable {
    /// What a message of a client and all that a template adds to it come to at most.
    public static final int MAX_BODY_BYTES = 1 << 20;

    private static final int STOP_SECONDS = 2;

    private static final Reply NOT_FOUND = new Reply(404, "not found");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    static {
        setUnlessSet("sun.net.httpserver.nodelay", "true");
        // A client that keeps a connection for 30 s closes it before this server does, so no request meets a close.
        setUnlessSet("sun.net.httpserver.idleInterval", "120");
        // A request or an answer that takes longer is given up, in seconds.
        setUnlessSet("sun.net.httpserver.maxReqTime", "30");
        setUnlessSet("sun.net.httpserver.maxRspTime", "60");
        setUnlessSet("jdk.httpserver.maxConnections", "1000");
    }

    private static void setUnlessSet(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    public Endpoints() {
        try {
            server = HttpServer.create();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(threads);
        at("GET", "/healthz", _ -> new Reply(200, "healthy"));
        server.createContext("/", exchange -> {
            try (exchange) {
                respond(exchange, NOT_FOUND);
            }
        });
    }

    /// Begins to answer at an address.
    ///
    /// @throws IOException if that address cannot be had
    public void start(InetSocketAddress address) throws IOException {
        server.bind(address, 0);
        server.start();
    }

    /// The address where it listens.
    public InetSocketAddress address() {
        return server.getAddress();
    }

    /// A request, read to its end.
    ///
    /// @param path below which the work stands, and what follows it
    /// @param query as it was sent, or empty
    /// @param body owned by who works on it
    public record Asked(String path, String query, Headers headers, byte[] body) {
        /// A field of the head, or empty.
        public String header(String name) {
            String value = headers.getFirst(name);
            return value == null ? "" : value;
        }

        /// A parameter of the query, or empty.
        public String parameter(String name) {
            for (String pair : query.split("&", -1)) {
                if (pair.startsWith(name + "=")) {
                    return URLDecoder.decode(pair.substring(name.length() + 1), UTF_8);
                }
            }
            return "";
        }
    }

    /// Does something at a path. A path that ends with a slash stands for all that begin with it.
    public void at(String method, String path, Function<Asked, Reply> work) {
        server.createContext(path, exchange -> {
            try (exchange) {
                long beganNs = System.nanoTime();
                Reply reply = done(exchange, path, method, work);
                respond(exchange, reply);
                Journal.answered(
                        path,
                        reply.connectionId(),
                        reply.status(),
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs));
            }
        });
    }

    private static Reply done(HttpExchange exchange, String path, String method, Function<Asked, Reply> work)
            throws IOException {
        String asked = exchange.getRequestURI().getPath();
        // A context is asked for everything that begins with its path.
        if (!asked.equals(path) && !path.endsWith("/")) {
            return NOT_FOUND;
        }
        if (!exchange.getRequestMethod().equals(method)) {
            exchange.getResponseHeaders().set("Allow", method);
            return new Reply(405, "");
        }
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            return new Reply(413, "");
        }
        String query = exchange.getRequestURI().getRawQuery();
        try {
            return work.apply(new Asked(asked, query == null ? "" : query, exchange.getRequestHeaders(), body));
        } catch (RuntimeException e) {
            // An error of ours; the log has it, and the caller hears that there was one.
            Journal.warn(path + " failed: " + e);
            return new Reply(500, "internal server error");
        }
    }

    private static void respond(HttpExchange exchange, Reply reply) throws IOException {
        byte[] body = reply.text().getBytes(UTF_8);
        exchange.getResponseHeaders()
                .set("Content-Type", reply.isJson() ? "application/json" : "text/plain; charset=utf-8");
        exchange.sendResponseHeaders(reply.status(), body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    /// Answers what has come, and listens no more.
    @Override
    public void close() {
        server.stop(STOP_SECONDS);
        threads.shutdown();
    }
}
