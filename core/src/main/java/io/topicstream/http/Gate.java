package io.topicstream.http;

/// Says who may call a route. It stands before every route but those that are [Access#OPEN].
@FunctionalInterface
public interface Gate {
    /// Goes on with `then`, now or later on the exchange's own thread, when it is known that the caller may
    /// ([Exchange#callAs] says who it is); or answers the exchange with a refusal.
    void admit(Access access, Exchange exchange, RouteHandler then);
}
