package io.topicstream.server.transport;

/// What answers the HTTP requests of an endpoint.
@FunctionalInterface
public interface HttpHandler {
    /// Answers `exchange`, now or later, from any thread. Called on the connection's event loop, so it must not
    /// block. Requests of one connection come in their order; answers leave in the same order, whatever the
    /// order in which they are given. What it throws is answered with 500 and logged.
    void handle(HttpExchange exchange);
}
