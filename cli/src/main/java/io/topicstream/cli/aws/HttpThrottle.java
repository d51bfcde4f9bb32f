package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.command.TokenBucket;
import io.topicstream.server.pages.ChatPage;
import io.topicstream.transport.HttpExchange;
import io.topicstream.transport.HttpHandler;
import io.topicstream.transport.RequestHead;
import java.time.InstantSource;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Lets as many requests through as the stage of an HTTP API does, and answers the others as API Gateway does.
final class HttpThrottle implements HttpHandler {
    private static final byte[] TOO_MANY = "{\"message\":\"Too Many Requests\"}".getBytes(UTF_8);

    private final HttpHandler behind;
    private final @Nullable TokenBucket bucket;

    HttpThrottle(HttpHandler behind, LocalPlan.Throttle throttle, InstantSource clock) {
        this.behind = behind;
        this.bucket = TokenBucket.of(throttle.perSecond(), throttle.burst(), clock);
    }

    @Override
    public void handle(HttpExchange exchange) {
        // The files of the chat page stand elsewhere on AWS.
        if (exchange.head().rawPath().startsWith(ChatPage.PATH) || TokenBucket.take(bucket)) {
            behind.handle(exchange);
        } else {
            exchange.respond(429, "application/json", Map.of(), TOO_MANY);
        }
    }

    @Override
    public void accept(HttpExchange exchange) {
        behind.accept(exchange);
    }

    @Override
    public boolean judgesLongBodies(RequestHead head) {
        return behind.judgesLongBodies(head);
    }

    @Override
    public boolean answersTooLong(HttpExchange exchange) {
        return behind.answersTooLong(exchange);
    }

    @Override
    public boolean isProbe(RequestHead head) {
        return behind.isProbe(head);
    }
}
