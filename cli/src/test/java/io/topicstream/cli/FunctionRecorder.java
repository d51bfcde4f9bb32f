package io.topicstream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.json.JsonLocation;
import io.topicstream.json.JsonWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/// Stands in for the functions of a template: speaks Lambda's Invoke API, keeps what it was asked, and answers as a
/// test has it.
final class FunctionRecorder implements AutoCloseable {
    private static final String INVOKE = "/2015-03-31/functions/";

    private final HttpServer server;
    private final Handler handler;
    private final List<Event> events = new CopyOnWriteArrayList<>();

    /// What functions do.
    @FunctionalInterface
    interface Handler {
        /// The result, as JSON.
        String answer(Event event) throws Exception;
    }

    /// What a function was asked.
    ///
    /// @param function its name
    record Event(String function, JsonBody json) {
        /// A text or number in it; empty where there is none.
        String at(String path) {
            return json.at(JsonLocation.parse(path)).text();
        }

        String routeKey() {
            return at("requestContext.routeKey");
        }

        String connectionId() {
            return at("requestContext.connectionId");
        }

        /// The message of the client.
        JsonBody message() {
            return JsonBody.of(at("body"));
        }
    }

    FunctionRecorder(Handler handler) throws IOException {
        this.handler = handler;
        this.server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext(INVOKE, this::invoke);
        server.start();
    }

    /// A result of a proxy.
    static String result(int status, String body) {
        return "{\"statusCode\":" + status + ",\"body\":" + new JsonWriter().string(body) + "}";
    }

    private void invoke(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        String name = path.substring(INVOKE.length(), path.length() - "/invocations".length());
        Event event = new Event(
                name.substring(name.lastIndexOf(':') + 1),
                JsonBody.of(new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
        events.add(event);
        byte[] answer;
        try {
            answer = handler.answer(event).getBytes(UTF_8);
        } catch (Exception e) {
            exchange.getResponseHeaders().add("X-Amz-Function-Error", "Unhandled");
            answer = ("{\"errorMessage\":" + new JsonWriter().string(String.valueOf(e)) + "}").getBytes(UTF_8);
        }
        exchange.sendResponseHeaders(200, answer.length);
        exchange.getResponseBody().write(answer);
        exchange.close();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /// What it was asked, in the order in which it came: `function routeKey`.
    List<String> asked() {
        return events.stream()
                .map(event -> event.function() + " " + event.routeKey())
                .toList();
    }

    List<Event> events() {
        return List.copyOf(events);
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
