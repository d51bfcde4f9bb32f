package io.topicstream.gateway;

import io.topicstream.gateway.signature.Wildcards;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// What an authorizer allows and denies.
///
/// @param statements in their order
record Policy(List<Statement> statements) {
    /// What is asked for, as policies name it.
    static final String INVOKE = "execute-api:Invoke";

    /// What a policy says to a request.
    enum Verdict {
        ALLOWED,
        /// No statement allows it.
        DENIED,
        /// A statement denies it, and that counts more than all that allow it.
        EXPLICITLY_DENIED
    }

    /// @param actions with `*` and `?` for what may be anything; case does not count
    /// @param resources the same, but case counts
    record Statement(boolean allows, List<String> actions, List<String> resources) {
        private boolean covers(String action, String resource) {
            return actions.stream().anyMatch(pattern -> Wildcards.match(lower(pattern), lower(action)))
                    && resources.stream().anyMatch(pattern -> Wildcards.match(pattern, resource));
        }
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }

    Verdict verdict(String action, String resource) {
        boolean allowed = false;
        for (Statement statement : statements) {
            if (statement.covers(action, resource)) {
                if (!statement.allows) {
                    return Verdict.EXPLICITLY_DENIED;
                }
                allowed = true;
            }
        }
        return allowed ? Verdict.ALLOWED : Verdict.DENIED;
    }

    /// The policy of a document.
    ///
    /// @return null if it is not a policy. One that says what is not known here, such as conditions, is not
    ///     taken for one: to pass over them could let in whom the policy keeps out
    static @Nullable Policy read(@Nullable JsonNode document) {
        if (document == null || !document.isObject()) {
            return null;
        }
        JsonNode given = document.get("Statement");
        if (given == null || (!given.isArray() && !given.isObject())) {
            return null;
        }
        List<Statement> statements = new ArrayList<>();
        for (JsonNode one : given.isArray() ? given.values() : List.of(given)) {
            Statement statement = statement(one);
            if (statement == null) {
                return null;
            }
            statements.add(statement);
        }
        return new Policy(List.copyOf(statements));
    }

    private static @Nullable Statement statement(JsonNode one) {
        if (!one.isObject() || one.has("Condition") || one.has("NotAction") || one.has("NotResource")) {
            return null;
        }
        JsonNode effect = one.get("Effect");
        List<String> actions = texts(one.get("Action"));
        List<String> resources = texts(one.get("Resource"));
        if (effect == null || !effect.isString() || actions == null || resources == null) {
            return null;
        }
        return switch (effect.stringValue()) {
            case "Allow" -> new Statement(true, actions, resources);
            case "Deny" -> new Statement(false, actions, resources);
            default -> null;
        };
    }

    private static @Nullable List<String> texts(@Nullable JsonNode node) {
        if (node == null) {
            return null;
        }
        if (node.isString()) {
            return List.of(node.stringValue());
        }
        if (!node.isArray()) {
            return null;
        }
        List<String> texts = new ArrayList<>();
        for (JsonNode one : node.values()) {
            if (!one.isString()) {
                return null;
            }
            texts.add(one.stringValue());
        }
        return texts;
    }
}
