package io.topicstream.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.json.JsonLocation;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.Executors;

/// Stands in for one table of DynamoDB whose key is `connectionId`: puts, deletes and scans items, which it does not
/// look into.
final class TableServer implements AutoCloseable {
    private final HttpServer server;
    private final Map<String, String> items = new ConcurrentSkipListMap<>();

    TableServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
    }

    private void answer(HttpExchange exchange) throws IOException {
        JsonBody request = JsonBody.of(new String(exchange.getRequestBody().readAllBytes(), UTF_8));
        String target = exchange.getRequestHeaders().getFirst("X-Amz-Target");
        String answer = "{}";
        switch (target.substring(target.indexOf('.') + 1)) {
            case "PutItem" -> items.put(text(request, "Item.connectionId.S"), text(request, "Item"));
            case "DeleteItem" -> items.remove(text(request, "Key.connectionId.S"));
            case "Scan" -> answer = "{\"Items\":[" + String.join(",", items.values()) + "]}";
            default -> throw new IOException("not here: " + target);
        }
        byte[] bytes = answer.getBytes(UTF_8);
        exchange.sendResponseHeaders(200, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private static String text(JsonBody request, String path) {
        return request.at(JsonLocation.parse(path)).text();
    }

    String endpoint() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    int size() {
        return items.size();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
