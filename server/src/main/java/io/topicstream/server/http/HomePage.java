package io.topicstream.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.http.Access;
import io.topicstream.http.Exchange;
import io.topicstream.http.Route;
import io.topicstream.protocol.ErrorCode;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What `GET /` says: that the server works, its version, and where to go on. A page for browsers, JSON for all
/// others.
public final class HomePage {
    private static final Map<String, String> FIELDS = Map.of(
            "Access-Control-Allow-Origin",
            "*",
            "Cache-Control",
            "no-store",
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            "Vary",
            "Accept",
            "X-Content-Type-Options",
            "nosniff");

    private final byte[] html;
    private final byte[] json;

    /// @param version of the server, as `0.1.0`
    /// @param webSocket the path of a stage to begin with, or null if there is none
    /// @param chat the path of the chat page, or null if there is none
    public HomePage(String version, @Nullable String webSocket, @Nullable String chat) {
        html = """
                <!DOCTYPE html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <title>TopicStream</title>
                <style>body { font-family: sans-serif; max-width: 40em; margin: 4em auto; padding: 0 1em }</style>
                </head>
                <body>
                <h1>TopicStream works</h1>
                <p>This is version %s.</p>
                <ul>
                %s<li><a href="/health/ready">Is it ready?</a></li>
                <li><a href="/topics">The topics</a></li>
                <li><a href="/openapi.yaml">The HTTP API</a>, as OpenAPI</li>
                %s</ul>
                </body>
                </html>
                """.formatted(
                        version,
                        // Relative, for a proxy may have put something in front of the path.
                        chat == null ? "" : "<li><a href=\"." + chat + "\">Chat</a></li>\n",
                        webSocket == null ? "" : "<li>WebSockets are at <code>" + webSocket + "</code>.</li>\n")
                .getBytes(UTF_8);
        json = ("{\"name\":\"TopicStream\",\"version\":\"" + version
                        + "\",\"ready\":\"/health/ready\",\"api\":\"/openapi.yaml\""
                        + (webSocket == null ? "" : ",\"websocket\":\"" + webSocket + "\"") + "}")
                .getBytes(UTF_8);
    }

    /// The route.
    public List<Route> routes() {
        return List.of(new Route("GET", "/", Access.OPEN, this::show));
    }

    private void show(Exchange exchange) {
        if (exchange.segments().size() > 1) {
            // What is left of `/v1/`: no page, but a WebSocket's path.
            exchange.lane().answer().refuseBare(exchange, ErrorCode.NOT_FOUND, "not found");
            return;
        }
        String accept = exchange.header("Accept");
        boolean isBrowser = accept != null && accept.contains("text/html");
        exchange.answer(
                200, isBrowser ? "text/html; charset=utf-8" : "application/json", FIELDS, isBrowser ? html : json);
    }
}
