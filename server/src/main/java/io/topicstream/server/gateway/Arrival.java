package io.topicstream.server.gateway;

import io.topicstream.transport.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A handshake of the gateway on its way, and the conversation that it has begun. Owned by its event loop.
final class Arrival {
    private final RequestHead request;
    private final List<String> offered;
    private @Nullable Talk talk;
    private boolean isOver;

    /// @param offered the subprotocols that the client offers
    Arrival(RequestHead request, List<String> offered) {
        this.request = request;
        this.offered = offered;
    }

    RequestHead request() {
        return request;
    }

    /// The subprotocols that the client offers.
    List<String> offered() {
        return offered;
    }

    /// Whether it was decided, so that no conversation can begin any more.
    boolean isOver() {
        return isOver;
    }

    /// A conversation has begun, for the connection that this becomes.
    void begins(Talk begun) {
        talk = begun;
    }

    /// It was decided.
    ///
    /// @return the conversation that has begun; null for none. Who is told takes it over
    @Nullable
    Talk over() {
        isOver = true;
        Talk begun = talk;
        talk = null;
        return begun;
    }
}
