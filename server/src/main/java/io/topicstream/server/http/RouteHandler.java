package io.topicstream.server.http;

import io.topicstream.transport.HttpExchange;

/// What answers the requests of a route, on the event loop of the exchange.
@FunctionalInterface
public interface RouteHandler {
    /// Answers the exchange, now or later.
    ///
    /// @param parameter what stands in the path where the parameter is; empty where there is none
    void handle(HttpLoop loop, HttpExchange exchange, String parameter);
}
