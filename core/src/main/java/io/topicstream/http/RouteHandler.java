package io.topicstream.http;

/// What answers the requests of a route, on the exchange's own thread.
@FunctionalInterface
public interface RouteHandler {
    /// Answers the exchange, now or later. Must not block.
    void handle(Exchange exchange);
}
