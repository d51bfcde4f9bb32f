package io.topicstream.gateway.expression;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.Model;
import io.topicstream.gateway.model.Route;
import io.topicstream.gateway.model.RouteSettings;
import io.topicstream.gateway.model.Stage;
import java.util.List;
import java.util.Map;

/// Events of one connection to one stage, for tests.
public final class Events {
    /// The stage `dev` with two variables.
    public static final Stage STAGE = new Stage(
            "dev", Map.of("x", "of the stage", "host", "backend.example"), RouteSettings.NONE, Map.of(), null);

    /// What an authorizer said, among it a number.
    public static final Peer PEER = new Peer(
            "gbgHN0-zjQAYKEjhgA==",
            "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
            1_700_000_000_123L,
            "192.0.2.7",
            "wscat/5",
            Map.of("principalId", "anna", "k", "value", "n", "7", "integrationLatency", 12L),
            Map.of("apiKeyId", "key-1"));

    private Events() {}

    /// An API with models.
    public static Api api(Map<String, Model> models, Map<String, Route> routes) {
        return new Api(
                "a1b2c3d4e5",
                "chat",
                "$request.body.action",
                Api.API_KEY_HEADER,
                false,
                routes,
                models,
                Map.of("dev", STAGE),
                List.of());
    }

    /// A message on the route `join`.
    public static GatewayEvent message(String text) {
        return event("join", new GatewayEvent.Message("BFaVtfGSIAMCKug=", text));
    }

    /// A handshake with two values of a parameter and of a header field.
    public static GatewayEvent connect() {
        return event(
                "$connect",
                new GatewayEvent.Connect(new Handshake(
                        "/dev",
                        "authToken=old&authToken=new",
                        List.of(Map.entry("X-Tag", "one"), Map.entry("x-tag", "two"), Map.entry("X-Api-Key", "k-1")),
                        Map.of("authToken", List.of("old", "new")),
                        "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com",
                        "192.0.2.7")));
    }

    /// The end of the connection.
    public static GatewayEvent disconnect() {
        return event("$disconnect", new GatewayEvent.Disconnect(4000, "bye"));
    }

    private static GatewayEvent event(String routeKey, GatewayEvent.Cause cause) {
        return new GatewayEvent(
                api(Map.of(), Map.of()), STAGE, routeKey, PEER, "EO0DaGX7IAMEmMg=", 1_674_163_606_000L, cause);
    }
}
