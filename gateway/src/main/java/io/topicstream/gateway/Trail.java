package io.topicstream.gateway;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.expression.Figures;
import org.jspecify.annotations.Nullable;

/// What became of one event, for logs and metrics. Owned by the one who has the event under way.
final class Trail {
    private static final int OK = 200;
    private static final int FIRST_ERROR = 400;

    private GatewayEvent event;
    private Figures figures = Figures.NONE.withStatus(OK);
    private @Nullable String detail;
    private Blame blame = Blame.NOBODY;

    /// Whom an error is counted against.
    enum Blame {
        NOBODY,
        /// The client, before a back end was called.
        CLIENT,
        /// The back end answered with an error.
        INTEGRATION,
        /// The back end could not be called, or its answer not be used.
        EXECUTION
    }

    Trail(GatewayEvent event) {
        this.event = event;
    }

    GatewayEvent event() {
        return event;
    }

    Figures figures() {
        return figures;
    }

    Blame blame() {
        return blame;
    }

    /// What went wrong, for the execution log; null where nothing did.
    @Nullable
    String detail() {
        return detail;
    }

    /// More is known of the one at the other end.
    void isOf(Peer peer) {
        event = new GatewayEvent(
                event.api(), event.stage(), event.routeKey(), peer, event.requestId(), event.timeMs(), event.cause());
    }

    /// The route is known.
    void goesTo(String routeKey) {
        event = new GatewayEvent(
                event.api(), event.stage(), routeKey, event.peer(), event.requestId(), event.timeMs(), event.cause());
    }

    /// The signature of the caller was checked.
    void authenticated(int status, @Nullable String error) {
        Figures.Phase phase = Figures.Phase.of(status, 0).withError(error);
        figures = figures.withAuthenticate(phase).withAuthorize(phase);
    }

    /// The authorizer decided.
    void authorized(int status, long ms, @Nullable String error) {
        Figures.Phase phase = Figures.Phase.of(status, ms).withError(error);
        figures = figures.withAuthorizer(phase).withAuthorize(phase);
    }

    /// The back end answered.
    void answered(int status, long ms) {
        // The call itself worked, also where the answer is an error.
        figures = figures.withIntegration(new Figures.Phase(null, status, OK, ms, ms, null));
        if (status >= FIRST_ERROR) {
            blame = Blame.INTEGRATION;
        }
    }

    /// The back end could not be called, or its answer not be used.
    void unanswered(long ms, String error) {
        figures = figures.withIntegration(new Figures.Phase(error, null, null, ms, ms, null));
    }

    /// How the client was answered, as a status of HTTP.
    void ended(int status) {
        figures = figures.withStatus(status);
    }

    /// It went wrong.
    ///
    /// @param message that the client gets
    /// @param type the kind, as access logs name it
    /// @param why for logs, a sentence
    void failed(int status, String message, String type, String why, Blame whose) {
        failed(status, new Figures.Error(message, type, null), why, whose);
    }

    /// It went wrong.
    void failed(int status, Figures.Error error, String why, Blame whose) {
        figures = figures.withStatus(status).withError(error);
        detail = why;
        blame = whose;
    }
}
