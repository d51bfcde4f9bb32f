package io.topicstream.gateway.integration;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.exchange.Peer;
import io.topicstream.gateway.model.Api;
import io.topicstream.gateway.model.RouteSettings;
import io.topicstream.gateway.model.Stage;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Events of one connection, with all that they may have.
public final class Events {
    /// When the connection came, in epoch milliseconds.
    public static final long CONNECTED = 1_731_332_735_513L;

    private static final String DOMAIN = "abc123.execute-api.us-east-1.amazonaws.com";

    public static final List<Map.Entry<String, String>> HEADERS = List.of(
            Map.entry("Host", DOMAIN),
            Map.entry("Connection", "Upgrade"),
            Map.entry("Upgrade", "websocket"),
            Map.entry("Sec-WebSocket-Version", "13"),
            Map.entry("Sec-WebSocket-Key", "+W5xw47OHh3OTFsWKjGu9Q=="),
            Map.entry("X-MyHdr", "v"));

    private Events() {}

    public static GatewayEvent connect(List<Map.Entry<String, String>> headers, Map<String, List<String>> query) {
        return connect(headers, query, Map.of(), peer(null, Map.of(), Map.of()));
    }

    public static GatewayEvent connect(
            List<Map.Entry<String, String>> headers,
            Map<String, List<String>> query,
            Map<String, String> variables,
            Peer peer) {
        Handshake handshake = new Handshake("/dev", "", headers, new LinkedHashMap<>(query), DOMAIN, "192.0.2.1");
        return event(variables, peer, "$connect", CONNECTED + 8, new GatewayEvent.Connect(handshake));
    }

    public static GatewayEvent message(String routeKey, String text) {
        return message(routeKey, text, Map.of(), peer(null, Map.of(), Map.of()));
    }

    public static GatewayEvent message(String routeKey, String text, Map<String, String> variables, Peer peer) {
        return event(variables, peer, routeKey, 1_731_332_746_514L, new GatewayEvent.Message("BFaVtfGSIAMCKug=", text));
    }

    public static GatewayEvent disconnect(int code, String reason, Peer peer) {
        return event(Map.of(), peer, "$disconnect", 1_731_333_109_875L, new GatewayEvent.Disconnect(code, reason));
    }

    public static Peer peer(@Nullable String userAgent, Map<String, Object> authorizer, Map<String, String> identity) {
        return new Peer("gbgHN0-zjQAYKEjhgA==", DOMAIN, CONNECTED, "192.0.2.1", userAgent, authorizer, identity);
    }

    private static GatewayEvent event(
            Map<String, String> variables, Peer peer, String routeKey, long timeMs, GatewayEvent.Cause cause) {
        Stage stage = new Stage("dev", variables, RouteSettings.NONE, Map.of(), null);
        Api api = new Api(
                "abc123",
                "chat",
                "$request.body.action",
                Api.API_KEY_HEADER,
                false,
                Map.of(),
                Map.of(),
                Map.of("dev", stage),
                List.of());
        return new GatewayEvent(api, stage, routeKey, peer, "BFaVtH2HoAMFZEQ=", timeMs, cause);
    }
}
