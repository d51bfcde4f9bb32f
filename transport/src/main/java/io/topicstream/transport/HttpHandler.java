package io.topicstream.transport;

/// What answers the HTTP requests of an endpoint. A request whose body comes with its head is handled at once;
/// of others the head is judged first.
@FunctionalInterface
public interface HttpHandler {
    /// Answers `exchange`, now or later, from any thread. Called on the connection's event loop, so it must not
    /// block. Requests of one connection come in their order; answers leave in the same order, whatever the
    /// order in which they are given. What it throws is answered with 500 and logged.
    void handle(HttpExchange exchange);

    /// Judges a request by its head, before its body is read: takes the body ([HttpExchange#takeBody]), and
    /// then it is handled when it is complete, or answers, and then the body is thrown away. Now or later, from
    /// any thread; nothing is read meanwhile. Called on the connection's event loop, so it must not block.
    default void accept(HttpExchange exchange) {
        exchange.takeBody(Integer.MAX_VALUE);
    }

    /// Whether [#accept] is asked of a request even if its body is longer than the transport takes: then the
    /// refusal is the handler's. The body must not be taken.
    default boolean judgesLongBodies(RequestHead head) {
        return false;
    }

    /// Answers a request whose body was taken, came in chunks, and is longer than it was taken for; the rest of it is
    /// thrown away. Called on the connection's event loop, so it must not block.
    ///
    /// @return false where it was not answered: then the transport refuses it with 413
    default boolean answersTooLong(HttpExchange exchange) {
        return false;
    }

    /// Whether a request only asks how the server is, and may be answered on a connection past the limits.
    default boolean isProbe(RequestHead head) {
        return false;
    }
}
