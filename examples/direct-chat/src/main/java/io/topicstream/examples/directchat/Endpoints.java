package io.topicstream.examples.directchat;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// The back end at the network: an HTTP server with five endpoints that are posted to, and one that says whether it
/// is healthy. Each request has a virtual thread, for it waits for the store and the gateway.
final class Endpoints implements AutoCloseable {
    /// What a message of a client and all that a template adds to it come to at most.
    static final int MAX_BODY_BYTES = 1 << 20;

    private static final int STOP_SECONDS = 2;

    private static final Done NOT_FOUND = Done.of(404, "not found");

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

    /// Listens at an address.
    ///
    /// @throws IOException if that address cannot be had
    Endpoints(InetSocketAddress address, Chat chat) throws IOException {
        server = HttpServer.create(address, 0);
        server.setExecutor(threads);
        post("/connect", chat::connect);
        post("/disconnect", chat::disconnect);
        post("/username", chat::username);
        post("/online", chat::online);
        post("/message", chat::message);
        at("/healthz", "GET", _ -> Done.of(200, "healthy"));
        server.createContext("/", exchange -> {
            try (exchange) {
                respond(exchange, NOT_FOUND.reply());
            }
        });
        server.start();
    }

    /// The address where it listens.
    InetSocketAddress address() {
        return server.getAddress();
    }

    private interface Work {
        Done with(byte[] body);
    }

    /// What was done for a request.
    ///
    /// @param connectionId for whom, or empty where that was not said
    private record Done(Reply reply, String connectionId) {
        static Done of(int status, String text) {
            return new Done(new Reply(status, text), "");
        }
    }

    private void post(String path, Function<Request, Reply> work) {
        at(path, "POST", body -> {
            Request request = Request.of(body);
            return request == null
                    ? Done.of(400, "could not decode input")
                    : new Done(work.apply(request), request.connectionId());
        });
    }

    private void at(String path, String method, Work work) {
        server.createContext(path, exchange -> {
            try (exchange) {
                long beganNs = System.nanoTime();
                Done done = done(exchange, path, method, work);
                respond(exchange, done.reply());
                Journal.answered(
                        path,
                        done.connectionId(),
                        done.reply().status(),
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beganNs));
            }
        });
    }

    private static Done done(HttpExchange exchange, String path, String method, Work work) throws IOException {
        // A context is asked for everything that begins with its path.
        if (!exchange.getRequestURI().getPath().equals(path)) {
            return NOT_FOUND;
        }
        if (!exchange.getRequestMethod().equals(method)) {
            exchange.getResponseHeaders().set("Allow", method);
            return Done.of(405, "");
        }
        byte[] body = exchange.getRequestBody().readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            return Done.of(413, "");
        }
        try {
            return work.with(body);
        } catch (RuntimeException e) {
            // An error of ours; the log has it, and the caller hears that there was one.
            Journal.warn(path + " failed: " + e);
            return Done.of(500, "internal server error");
        }
    }

    private static void respond(HttpExchange exchange, Reply reply) throws IOException {
        byte[] body = reply.text().getBytes(UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; charset=utf-8");
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
