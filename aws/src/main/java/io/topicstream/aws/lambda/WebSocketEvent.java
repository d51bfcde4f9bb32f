package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Member;
import io.topicstream.json.JsonObjectReader.Trait;
import io.topicstream.json.Utf8;
import java.net.InetAddress;
import java.util.Base64;
import java.util.List;
import java.util.Map;
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
    private static final Member IS_BASE64 = EVENT.add("isBase64Encoded");

    private static final JsonObjectReader.Builder OF_CONTEXT = new JsonObjectReader.Builder();
    private static final Member TYPE = OF_CONTEXT.add("eventType");
    private static final Member CONNECTION = OF_CONTEXT.add("connectionId");
    private static final Member STAGE = OF_CONTEXT.add("stage");
    private static final Member RECEIVED = OF_CONTEXT.add("requestTimeEpoch");
    private static final Member CALLER = OF_CONTEXT.add("identity", Trait.PAYLOAD);

    private static final JsonObjectReader.Builder OF_CALLER = new JsonObjectReader.Builder();
    private static final Member SOURCE = OF_CALLER.add("sourceIp");

    private final byte[] text;
    private final JsonObjectReader event = EVENT.build();
    private final JsonObjectReader context = OF_CONTEXT.build();
    private @Nullable Map<String, List<String>> headers;
    private @Nullable Map<String, List<String>> parameters;

    /// @throws IllegalArgumentException if it is no such event; so do all of its methods where what they are asked for
    ///     is not as API Gateway has it
    WebSocketEvent(byte[] text) {
        this.text = text;
        if (!Utf8.isValid(text)) {
            throw new IllegalArgumentException("not an event: it is not UTF-8");
        }
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

    /// When the gateway had it, in epoch milliseconds.
    ///
    /// @param unknown where it does not say
    long receivedMs(long unknown) {
        long received = context.integer(RECEIVED);
        return received == JsonObjectReader.NOT_AN_INTEGER ? unknown : received;
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
        if (!event.has(BODY)) {
            return "";
        }
        String body = event.string(BODY);
        if (body == null) {
            throw new IllegalArgumentException("the body of an event is a text");
        }
        return event.isTrue(IS_BASE64) ? decoded(body) : body;
    }

    private static String decoded(String base64) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(base64);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the body of the event is not base64", e);
        }
        if (!Utf8.isValid(bytes)) {
            throw new IllegalArgumentException("the body of the event is not UTF-8");
        }
        return new String(bytes, UTF_8);
    }

    /// All values of a header field of a handshake, in any case of its name.
    List<String> headers(String name) {
        Map<String, List<String>> all = headers;
        if (all == null) {
            all = known(event.textsInAnyCase(HEADERS, MOST_VALUES), HEADERS);
            headers = all;
        }
        return all.getOrDefault(name, List.of());
    }

    /// All values of a parameter of a handshake.
    List<String> parameters(String name) {
        Map<String, List<String>> all = parameters;
        if (all == null) {
            boolean isGiven = event.has(PARAMETERS) && event.kind(PARAMETERS) != JsonObjectReader.Kind.NULL;
            all = isGiven ? known(event.textsByName(PARAMETERS, MOST_VALUES), PARAMETERS) : Map.of();
            parameters = all;
        }
        return all.getOrDefault(name, List.of());
    }

    /// Nothing is left out that cannot be read: a wrong credential would be as if there was none.
    private static Map<String, List<String>> known(@Nullable Map<String, List<String>> values, Member member) {
        if (values == null) {
            throw new IllegalArgumentException(
                    "the \"" + member.name() + "\" of an event are at most " + MOST_VALUES + " texts, by their names");
        }
        return values;
    }

    /// The first value of a parameter of a handshake, or null where it has none.
    @Nullable
    String parameter(String name) {
        List<String> values = parameters(name);
        return values.isEmpty() ? null : values.getFirst();
    }
}
