package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.transport.HttpExchange;
import io.topicstream.transport.HttpHandler;
import io.topicstream.transport.RequestHead;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/// Tells at [#PATH] what all of it would have cost up to now, as text. All else is answered by another one.
///
/// @param lines what it says
record CostPage(HttpHandler others, Supplier<List<String>> lines) implements HttpHandler {
    static final String PATH = "/cost";

    private static boolean isIt(RequestHead head) {
        return head.method().equals("GET") && head.rawPath().equals(PATH);
    }

    @Override
    public void handle(HttpExchange exchange) {
        if (isIt(exchange.head())) {
            exchange.respond(
                    200,
                    "text/plain; charset=utf-8",
                    Map.of("Cache-Control", "no-store", "X-Content-Type-Options", "nosniff"),
                    (String.join("\n", lines.get()) + "\n").getBytes(UTF_8));
        } else {
            others.handle(exchange);
        }
    }

    @Override
    public void accept(HttpExchange exchange) {
        if (isIt(exchange.head())) {
            handle(exchange);
        } else {
            others.accept(exchange);
        }
    }

    @Override
    public boolean judgesLongBodies(RequestHead head) {
        return others.judgesLongBodies(head);
    }

    @Override
    public boolean answersTooLong(HttpExchange exchange) {
        return others.answersTooLong(exchange);
    }

    @Override
    public boolean isProbe(RequestHead head) {
        return others.isProbe(head);
    }
}
