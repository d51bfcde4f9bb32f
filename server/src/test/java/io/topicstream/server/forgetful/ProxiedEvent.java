package io.topicstream.server.forgetful;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.json.JsonReading;
import io.topicstream.gateway.json.NotJsonException;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An event of API Gateway, as a function gets it: JSON, of which it takes what it needs.
final class ProxiedEvent {
    private final Map<?, ?> event;
    private final Map<?, ?> context;

    private ProxiedEvent(Map<?, ?> event) {
        this.event = event;
        this.context = object(event, "requestContext");
    }

    static ProxiedEvent read(byte[] payload) {
        try {
            if (JsonReading.read(new String(payload, UTF_8)) instanceof Map<?, ?> event) {
                return new ProxiedEvent(event);
            }
        } catch (NotJsonException e) {
            throw new IllegalArgumentException(e);
        }
        throw new IllegalArgumentException("an event is an object");
    }

    private static Map<?, ?> object(Map<?, ?> of, String name) {
        return of.get(name) instanceof Map<?, ?> object ? object : Map.of();
    }

    private String context(String name) {
        if (context.get(name) instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("an event has " + name);
    }

    /// `CONNECT`, `MESSAGE` or `DISCONNECT`.
    String type() {
        return context("eventType");
    }

    String connectionId() {
        return context("connectionId");
    }

    String stage() {
        return context("stage");
    }

    /// Where the client is.
    InetAddress address() {
        return InetAddress.ofLiteral(String.valueOf(object(context, "identity").get("sourceIp")));
    }

    /// What the client sent.
    String body() {
        if (event.get("body") instanceof String text) {
            return text;
        }
        throw new IllegalArgumentException("a message has a body");
    }

    /// All values of a header field of a handshake.
    List<String> headers(String name) {
        return object(event, "multiValueHeaders").entrySet().stream()
                .filter(field -> name.equalsIgnoreCase(String.valueOf(field.getKey())))
                .flatMap(field -> values(field.getValue()).stream())
                .toList();
    }

    /// All values of a parameter of a handshake.
    List<String> parameters(String name) {
        return values(object(event, "multiValueQueryStringParameters").get(name));
    }

    /// The first value of a parameter of a handshake, or null where it has none.
    @Nullable
    String parameter(String name) {
        List<String> values = parameters(name);
        return values.isEmpty() ? null : values.getFirst();
    }

    private static List<String> values(@Nullable Object list) {
        return list instanceof List<?> values
                ? values.stream().map(String::valueOf).toList()
                : List.of();
    }
}
