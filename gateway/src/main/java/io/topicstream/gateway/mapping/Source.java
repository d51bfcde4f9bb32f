package io.topicstream.gateway.mapping;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import io.topicstream.gateway.expression.ContextVariables;
import io.topicstream.gateway.expression.SelectionExpression.Returned;
import io.topicstream.gateway.json.JsonBody;
import io.topicstream.gateway.json.JsonLocation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Where the value of a mapped parameter comes from, for instance `route.request.body.a.b` or `'static'`.
/// Immutable.
sealed interface Source {
    /// What names may be made of.
    Pattern NAME = Pattern.compile("[a-zA-Z0-9._$-]+");

    /// Its values for an event; empty where there is none, and then the parameter is left out.
    List<String> values(Scope scope);

    /// What is there to take values from.
    ///
    /// @param returned what the back end answered, or null where a request is made
    /// @param body of that answer
    record Scope(
            GatewayEvent event,
            ContextVariables context,
            @Nullable Returned returned,
            JsonBody body) {}

    /// Parses a source.
    ///
    /// @param answer whether it may name parts of an answer
    /// @throws IllegalArgumentException with a sentence, if the text is no source
    static Source parse(String text, boolean answer) {
        if (text.length() >= 2 && text.startsWith("'") && text.endsWith("'")) {
            return new Static(text.substring(1, text.length() - 1));
        }
        String rest;
        if ((rest = after(text, "stageVariables.")) != null) {
            return new StageVariable(named(text, rest));
        }
        if ((rest = after(text, "context.")) != null) {
            return new Context(named(text, rest));
        }
        if (answer) {
            return ofAnswer(text);
        }
        if ((rest = after(text, "route.request.querystring.")) != null) {
            return new Query(named(text, rest), false);
        }
        if ((rest = after(text, "route.request.multivaluequerystring.")) != null) {
            return new Query(named(text, rest), true);
        }
        if ((rest = after(text, "route.request.header.")) != null) {
            return new Header(named(text, rest), false);
        }
        if ((rest = after(text, "route.request.multivalueheader.")) != null) {
            return new Header(named(text, rest), true);
        }
        if (text.equals("route.request.body")) {
            return new Body(JsonLocation.parse("$"));
        }
        if ((rest = after(text, "route.request.body.")) != null) {
            return new Body(JsonLocation.parse(rest));
        }
        throw unknown(text);
    }

    private static Source ofAnswer(String text) {
        String rest;
        if ((rest = after(text, "integration.response.header.")) != null) {
            return new AnswerHeader(named(text, rest), false);
        }
        if ((rest = after(text, "integration.response.multivalueheader.")) != null) {
            return new AnswerHeader(named(text, rest), true);
        }
        if (text.equals("integration.response.body")) {
            return new AnswerBody(JsonLocation.parse("$"));
        }
        if ((rest = after(text, "integration.response.body.")) != null) {
            return new AnswerBody(JsonLocation.parse(rest));
        }
        throw unknown(text);
    }

    private static @Nullable String after(String text, String prefix) {
        return text.startsWith(prefix) && text.length() > prefix.length() ? text.substring(prefix.length()) : null;
    }

    private static String named(String text, String name) {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("The name in " + text + " may have letters, digits and . _ $ - only.");
        }
        return name;
    }

    private static IllegalArgumentException unknown(String text) {
        return new IllegalArgumentException("There is no source of this kind: " + text);
    }

    private static List<String> one(@Nullable String value) {
        return value == null ? List.of() : List.of(value);
    }

    /// A text of the definition.
    record Static(String text) implements Source {
        @Override
        public List<String> values(Scope scope) {
            return List.of(text);
        }
    }

    /// A stage variable.
    record StageVariable(String name) implements Source {
        @Override
        public List<String> values(Scope scope) {
            return one(scope.event().stage().variables().get(name));
        }
    }

    /// A variable of the event.
    record Context(String name) implements Source {
        @Override
        public List<String> values(Scope scope) {
            return one(scope.context().text(name));
        }
    }

    /// A parameter of the handshake's query: its last value, or all.
    record Query(String name, boolean all) implements Source {
        @Override
        public List<String> values(Scope scope) {
            Handshake handshake = scope.event().handshake();
            List<String> values =
                    handshake == null ? List.of() : handshake.query().getOrDefault(name, List.of());
            return all || values.isEmpty() ? values : List.of(values.getLast());
        }
    }

    /// A header field of the handshake: its last value, or all.
    record Header(String name, boolean all) implements Source {
        @Override
        public List<String> values(Scope scope) {
            Handshake handshake = scope.event().handshake();
            if (handshake == null) {
                return List.of();
            }
            List<String> values = new ArrayList<>();
            for (Map.Entry<String, String> field : handshake.headers()) {
                if (field.getKey().equalsIgnoreCase(name)) {
                    values.add(field.getValue());
                }
            }
            return all || values.isEmpty() ? values : List.of(values.getLast());
        }
    }

    /// A place in the message.
    record Body(JsonLocation location) implements Source {
        @Override
        public List<String> values(Scope scope) {
            JsonBody json = scope.event().json();
            if (location.path().equals("$")) {
                return json.text().isEmpty() ? List.of() : List.of(json.text());
            }
            var found = json.at(location);
            return found.exists() ? List.of(found.text()) : List.of();
        }
    }

    /// A header field of the answer: its last value, or all.
    record AnswerHeader(String name, boolean all) implements Source {
        @Override
        public List<String> values(Scope scope) {
            List<String> values =
                    scope.returned() == null ? List.of() : scope.returned().values(name);
            return all || values.isEmpty() ? values : List.of(values.getLast());
        }
    }

    /// A place in the answer's body.
    record AnswerBody(JsonLocation location) implements Source {
        @Override
        public List<String> values(Scope scope) {
            if (location.path().equals("$")) {
                return scope.body().text().isEmpty()
                        ? List.of()
                        : List.of(scope.body().text());
            }
            var found = scope.body().at(location);
            return found.exists() ? List.of(found.text()) : List.of();
        }
    }
}
