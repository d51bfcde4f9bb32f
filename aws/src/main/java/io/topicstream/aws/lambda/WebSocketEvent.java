package io.topicstream.aws.lambda;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonObjectReader.Trait;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// An event of a WebSocket API of API Gateway, as a function gets it: JSON, of which it takes what it needs.
/// Not thread-safe.
final class WebSocketEvent {
    private static final int MOST_VALUES = 1_000;

    private static final JsonObjectReader.Builder EVENT = new JsonObjectReader.Builder();
    private static final Member CONTEXT = EVENT.add("requestContext", Trait.PAYLOAD);
    private static final Member HEADERS = EVENT.add("multiValueHeaders", Trait.PAYLOAD);
    private static final Member PARAMETERS = EVENT.add("multiValueQueryStringParameters", Trait.PAYLOAD);
    private static final Member BODY = EVENT.add("body");

    private static final JsonObjectReader.Builder OF_CONTEXT = new JsonObjectReader.Builder();
    private static final Member TYPE = OF_CONTEXT.add("eventType");
    private static final Member CONNECTION = OF_CONTEXT.add("connectionId");
    private static final Member STAGE = OF_CONTEXT.add("stage");
    private static final Member CALLER = OF_CONTEXT.add("identity", Trait.PAYLOAD);

    private static final JsonObjectReader.Builder OF_CALLER = new JsonObjectReader.Builder();
    private static final Member SOURCE = OF_CALLER.add("sourceIp");

    private final byte[] text;
    private final JsonObjectReader event = EVENT.build();
    private final JsonObjectReader context = OF_CONTEXT.build();

    /// @throws IllegalArgumentException if it is no such event
    WebSocketEvent(byte[] text) {
        this.text = text;
        if (!event.read(text, 0, text.length)) {
            throw new IllegalArgumentException("not an event: " + event.problem());
        }
        if (!event.has(CONTEXT) || !context.read(text, event.start(CONTEXT), event.end(CONTEXT))) {
            throw new IllegalArgumentException("an event of a WebSocket API has a \"requestContext\"");
        }
    }

    private String context(Member member) {
        String value = context.string(member);
        if (value == null) {
            throw new IllegalArgumentException(
                    "an event of a WebSocket API has a \"" + member.name() + "\" in its context");
        }
        return value;
    }

    /// `CONNECT`, `MESSAGE` or `DISCONNECT`.
    String type() {
        return context(TYPE);
    }

    String connectionId() {
        return context(CONNECTION);
    }

    String stage() {
        return context(STAGE);
    }

    /// Where the client is.
    InetAddress address() {
        JsonObjectReader caller = OF_CALLER.build();
        String source = context.has(CALLER) && caller.read(text, context.start(CALLER), context.end(CALLER))
                ? caller.string(SOURCE)
                : null;
        if (source == null) {
            throw new IllegalArgumentException("an event of a WebSocket API says where its client is");
        }
        return InetAddress.ofLiteral(source);
    }

    /// What the client sent; empty where that was nothing.
    String body() {
        String body = event.has(BODY) ? event.string(BODY) : null;
        return body == null ? "" : body;
    }

    /// All values of a header field of a handshake, in any case of its name.
    List<String> headers(String name) {
        return values(HEADERS, name, Trait.ANY_CASE);
    }

    /// All values of a parameter of a handshake.
    List<String> parameters(String name) {
        return values(PARAMETERS, name);
    }

    /// The first value of a parameter of a handshake, or null where it has none.
    @Nullable
    String parameter(String name) {
        List<String> values = parameters(name);
        return values.isEmpty() ? null : values.getFirst();
    }

    private List<String> values(Member of, String name, Trait... traits) {
        if (!event.has(of) || event.kind(of) != JsonObjectReader.Kind.OBJECT) {
            return List.of();
        }
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        Member member = members.add(name, traits);
        JsonObjectReader reader = members.build();
        if (!reader.read(text, event.start(of), event.end(of)) || !reader.has(member)) {
            return List.of();
        }
        List<String> values = reader.texts(member, MOST_VALUES);
        return values == null ? List.of() : values;
    }
}
