package io.topicstream.gateway.expression;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.json.JsonText;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known of an event under the names of `$context`, for instance `identity.sourceIp`. Immutable.
///
/// @param event what happened
/// @param figures how it went so far
public record ContextVariables(GatewayEvent event, Figures figures) {
    private static final DateTimeFormatter CLF = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH)
            .withZone(ZoneOffset.UTC);

    private static final String AUTHORIZER = "authorizer.";
    private static final String IDENTITY = "identity.";

    /// Those of an event of which nothing is known but that it came.
    public static ContextVariables of(GatewayEvent event) {
        return new ContextVariables(event, Figures.NONE);
    }

    /// The same event, further on its way.
    public ContextVariables with(Figures now) {
        return new ContextVariables(event, now);
    }

    /// The variable of a name, without `$context.`, as text.
    ///
    /// @return null if there is no such variable, or nothing is known under it
    public @Nullable String text(String name) {
        Object value = value(name);
        return value == null ? null : JsonText.plain(value);
    }

    /// The variable of a name: a text or a number; null as for [#text].
    public @Nullable Object value(String name) {
        return switch (name) {
            case "apiId" -> event.api().id();
            case "connectedAt" -> event.peer().connectedAtMs();
            case "connectionId" -> event.peer().connectionId();
            case "domainName" -> event.peer().domainName();
            case "eventType" -> event.cause().eventType();
            case "messageDirection" -> "IN";
            case "messageId" -> event.cause() instanceof GatewayEvent.Message message ? message.messageId() : null;
            case "requestId", "extendedRequestId" -> event.requestId();
            case "requestTime" -> CLF.format(Instant.ofEpochMilli(event.timeMs()));
            case "requestTimeEpoch" -> event.timeMs();
            case "routeKey" -> event.routeKey();
            case "stage" -> event.stage().name();
            case "disconnectStatusCode" ->
                event.cause() instanceof GatewayEvent.Disconnect disconnect ? disconnect.code() : null;
            case "disconnectReason" ->
                event.cause() instanceof GatewayEvent.Disconnect disconnect ? disconnect.reason() : null;
            case "status" -> figures.status();
            case "integrationLatency" -> figures.integration().latencyMs();
            default -> dotted(name);
        };
    }

    private @Nullable Object dotted(String name) {
        if (name.startsWith(IDENTITY)) {
            return identity(name.substring(IDENTITY.length()));
        }
        if (name.startsWith(AUTHORIZER)) {
            String member = name.substring(AUTHORIZER.length());
            Object known = event.peer().authorizer().get(member);
            return known != null ? known : phase(figures.authorizer(), member);
        }
        int dot = name.indexOf('.');
        if (dot < 0) {
            return null;
        }
        String member = name.substring(dot + 1);
        return switch (name.substring(0, dot)) {
            case "authenticate" -> phase(figures.authenticate(), member);
            case "authorize" -> phase(figures.authorize(), member);
            case "integration" -> phase(figures.integration(), member);
            case "error" -> error(member);
            default -> null;
        };
    }

    private @Nullable Object identity(String member) {
        return switch (member) {
            case "sourceIp" -> event.peer().sourceIp();
            case "userAgent" -> event.peer().userAgent();
            default -> event.peer().identity().get(member);
        };
    }

    private static @Nullable Object phase(Figures.Phase phase, String member) {
        return switch (member) {
            case "error" -> phase.error();
            case "status" -> phase.status();
            case "integrationStatus" -> phase.serviceStatus();
            case "latency" -> phase.latencyMs();
            case "integrationLatency" -> phase.serviceLatencyMs();
            case "requestId" -> phase.requestId();
            default -> null;
        };
    }

    private @Nullable Object error(String member) {
        Figures.Error error = figures.error();
        return switch (member) {
            case "message" -> error.message();
            case "messageString" -> error.message() == null ? null : JsonText.json(error.message());
            case "responseType" -> error.responseType();
            case "validationErrorString" -> error.validation();
            default -> null;
        };
    }

    /// All that is known, as the tree that templates walk through; the caller may change it.
    public Map<String, @Nullable Object> tree() {
        Map<String, @Nullable Object> tree = new LinkedHashMap<>();
        for (String name : new String[] {
            "routeKey",
            "messageId",
            "eventType",
            "extendedRequestId",
            "requestTime",
            "messageDirection",
            "stage",
            "connectedAt",
            "requestTimeEpoch",
            "requestId",
            "domainName",
            "connectionId",
            "apiId",
            "disconnectStatusCode",
            "disconnectReason",
            "status",
            "integrationLatency"
        }) {
            put(tree, name, value(name));
        }
        Map<String, @Nullable Object> identity =
                new LinkedHashMap<>(event.peer().identity());
        put(identity, "sourceIp", event.peer().sourceIp());
        put(identity, "userAgent", event.peer().userAgent());
        tree.put("identity", identity);
        Map<String, @Nullable Object> authorizer =
                new LinkedHashMap<>(event.peer().authorizer());
        tree.put("authorizer", authorizer);
        Map<String, @Nullable Object> error = new LinkedHashMap<>();
        for (String member : new String[] {"message", "messageString", "responseType", "validationErrorString"}) {
            put(error, member, error(member));
        }
        tree.put("error", error);
        return tree;
    }

    private static void put(Map<String, @Nullable Object> tree, String name, @Nullable Object value) {
        if (value != null) {
            tree.put(name, value);
        }
    }
}
