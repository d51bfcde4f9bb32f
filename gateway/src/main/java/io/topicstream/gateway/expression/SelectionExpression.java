package io.topicstream.gateway.expression;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.json.Found;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.json.JsonText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An expression that selects a route, a model, a template or an API key, for instance
/// `${request.body.action}`. Parsed once; immutable and thread-safe.
///
/// A variable is `$name` or `${name}`. There may be several, with text between them; what a variable stands
/// for is not evaluated again. `\$` is a dollar sign. A variable that stands for nothing is an empty text. A
/// text stands for itself, numbers and truths for what they are written as, an array for `[a, b]`, an object
/// for its JSON, null for `null`.
public final class SelectionExpression {
    /// What an expression selects, and so which variables it may have.
    public enum Use {
        /// Routes: `request.body.…`.
        ROUTE,
        /// Models of a message: `request.body.…`.
        MODEL,
        /// Templates of requests to back ends: `request.body.…`.
        TEMPLATE,
        /// Templates of answers: `request.body.…`,
        /// `integration.response.{statuscode|header.N|multivalueheader.N}`.
        RESPONSE_TEMPLATE,
        /// API keys: `request.header.x-api-key` or `context.authorizer.usageIdentifierKey`.
        API_KEY
    }

    private final String text;
    private final List<Part> parts;

    private SelectionExpression(String text, List<Part> parts) {
        this.text = text;
        this.parts = List.copyOf(parts);
    }

    /// Parses an expression.
    ///
    /// @throws IllegalArgumentException with a sentence that names what is wrong in it
    public static SelectionExpression parse(String text, Use use) {
        return new SelectionExpression(text, new ExpressionReader(text, use).parts());
    }

    /// What it was parsed from.
    public String text() {
        return text;
    }

    /// Whether it is the same for all messages.
    public boolean constant() {
        return parts.stream().allMatch(part -> part instanceof Part.Literal);
    }

    /// Its value for a message, of which nothing is known but its body.
    public String evaluate(JsonBody body) {
        return evaluate(new Scope(body, null, Map.of(), null));
    }

    /// Its value for an event. `context.authorizer.usageIdentifierKey` is that member of the peer's
    /// authorizer.
    public String evaluate(GatewayEvent event) {
        return evaluate(new Scope(event.json(), event.handshake(), event.peer().authorizer(), null));
    }

    /// Its value for an event and what the back end answered.
    public String evaluate(GatewayEvent event, Returned returned) {
        return evaluate(new Scope(event.json(), event.handshake(), event.peer().authorizer(), returned));
    }

    private String evaluate(Scope scope) {
        if (parts.size() == 1) {
            return parts.getFirst().in(scope);
        }
        StringBuilder value = new StringBuilder();
        for (Part part : parts) {
            value.append(part.in(scope));
        }
        return value.toString();
    }

    @Override
    public String toString() {
        return text;
    }

    /// What a back end answered, as expressions see it.
    ///
    /// @param status 100 to 599
    /// @param headers by their names as given
    public record Returned(int status, Map<String, List<String>> headers) {
        /// All values of a header field, whatever the case of its name; empty if there is none.
        public List<String> values(String name) {
            List<String> values = new ArrayList<>();
            for (Map.Entry<String, List<String>> field : headers.entrySet()) {
                if (field.getKey().equalsIgnoreCase(name)) {
                    values.addAll(field.getValue());
                }
            }
            return values;
        }
    }

    /// What an expression is evaluated against.
    record Scope(
            JsonBody body,
            @Nullable Handshake handshake,
            Map<String, Object> authorizer,
            @Nullable Returned returned) {}

    /// A piece of an expression.
    sealed interface Part {
        /// What it stands for.
        String in(Scope scope);

        /// Text.
        record Literal(String text) implements Part {
            @Override
            public String in(Scope scope) {
                return text;
            }
        }

        /// A place in the body of the message.
        record Body(io.topicstream.gateway.json.JsonLocation location) implements Part {
            @Override
            public String in(Scope scope) {
                Found found = scope.body().at(location);
                return found.exists() ? JsonText.selected(found.value()) : "";
            }
        }

        /// A header field of the handshake.
        record Header(String name) implements Part {
            @Override
            public String in(Scope scope) {
                String value =
                        scope.handshake() == null ? null : scope.handshake().header(name);
                return value == null ? "" : value;
            }
        }

        /// Something that the authorizer said.
        record Authorizer(String name) implements Part {
            @Override
            public String in(Scope scope) {
                Object value = scope.authorizer().get(name);
                return value == null ? "" : JsonText.plain(value);
            }
        }

        /// The status of the back end's answer.
        record Status() implements Part {
            @Override
            public String in(Scope scope) {
                return scope.returned() == null
                        ? ""
                        : Integer.toString(scope.returned().status());
            }
        }

        /// A header field of the back end's answer: its last value, or all of them.
        record ReturnedHeader(String name, boolean all) implements Part {
            @Override
            public String in(Scope scope) {
                List<String> values =
                        scope.returned() == null ? List.of() : scope.returned().values(name);
                return values.isEmpty() ? "" : all ? String.join(",", values) : values.getLast();
            }
        }
    }
}
