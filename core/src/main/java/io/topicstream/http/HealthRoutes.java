package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.http.Readiness.Condition;
import java.util.List;

/// The routes that say how the server is: that it lives, and whether it can serve requests now.
public final class HealthRoutes {
    private static final byte[] OK_BODY = ascii("{\"status\":\"ok\"}");

    private final Readiness readiness;

    public HealthRoutes(Readiness readiness) {
        this.readiness = readiness;
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/health", Access.OPEN, HealthRoutes::ok).probe(),
                new Route("GET", "/healthz", Access.OPEN, HealthRoutes::ok).probe(),
                new Route("GET", "/health/live", Access.OPEN, HealthRoutes::ok).probe(),
                new Route("GET", "/health/ready", Access.OPEN, this::ready).probe());
    }

    private static void ok(Exchange exchange) {
        AnswerWriter answer = exchange.lane().answer().begin();
        answer.body().raw(OK_BODY);
        answer.send(exchange, 200);
    }

    private void ready(Exchange exchange) {
        List<Condition> unmet = readiness.unmet();
        if (unmet.isEmpty()) {
            ok(exchange);
        } else {
            exchange.lane().answer().refuseUnready(exchange, unmet);
        }
    }
}
