package io.topicstream.gateway.definition;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/// What AWS takes where an API is made: expressions, mappings, keys. Each check gives what is wrong, or null.
final class Expressions {
    private static final String NAME = "[a-zA-Z0-9._$-]+";
    private static final Pattern IDENTITY_SOURCE = Pattern.compile("(route\\.request\\.(header|querystring)\\." + NAME
            + ")|(stageVariables\\." + NAME + ")|(context\\." + NAME + ")");
    private static final Pattern MAPPING_TARGET =
            Pattern.compile("integration\\.request\\.(header|querystring|path)\\." + NAME);
    private static final Pattern MAPPING_SOURCE = Pattern.compile(
            "'.*'|route\\.request\\.(querystring|header|multivaluequerystring|multivalueheader)\\." + NAME
                    + "|route\\.request\\.body(\\..+|\\[.+)?|stageVariables\\." + NAME + "|context\\." + NAME,
            Pattern.DOTALL);
    private static final Pattern CONNECT_ONLY =
            Pattern.compile("route\\.request\\.(querystring|header|multivaluequerystring|multivalueheader)\\..*");
    private static final Pattern ROUTE_PARAMETER = Pattern.compile("route\\.request\\.(querystring|header)\\." + NAME);
    private static final Pattern ROUTE_VARIABLE = Pattern.compile(
            "\\$(request\\.body(\\..*|\\[.*)?|\\{request\\.body" + "(\\.[^}]*|\\[[^}]*)?\\}.*)", Pattern.DOTALL);

    /// The longest expression; each of its variables is looked at with all that follows it.
    private static final int MOST_CHARACTERS = 4096;

    private Expressions() {}

    /// Of a route selection expression: a text, and variables of the message's body.
    static @Nullable String routeSelection(String expression) {
        if (expression.length() > MOST_CHARACTERS) {
            return "is longer than " + MOST_CHARACTERS + " characters";
        }
        for (int at = expression.indexOf('$'); at >= 0; at = expression.indexOf('$', at + 1)) {
            boolean isEscaped = at > 0 && expression.charAt(at - 1) == '\\';
            if (!isEscaped && !ROUTE_VARIABLE.matcher(expression.substring(at)).matches()) {
                return "'" + expression + "' has a variable that is not of the message's body; "
                        + "it is for instance $request.body.action or ${request.body.a}/${request.body.b}";
            }
        }
        return expression.isBlank() ? "is empty" : null;
    }

    static @Nullable String identitySource(String source) {
        return IDENTITY_SOURCE.matcher(source).matches()
                ? null
                : "Invalid request identity source expression '" + source + "': it is route.request.header.NAME, "
                        + "route.request.querystring.NAME, stageVariables.NAME or context.NAME";
    }

    static @Nullable String mappingTarget(String target) {
        return MAPPING_TARGET.matcher(target).matches()
                ? null
                : "is no target of a mapping: that is integration.request.header.NAME, .querystring.NAME or .path.NAME";
    }

    static @Nullable String mappingSource(String source) {
        return MAPPING_SOURCE.matcher(source).matches()
                ? null
                : "'" + source + "' is no source of a mapping: that is route.request.body.PATH, "
                        + "route.request.querystring.NAME, route.request.header.NAME, stageVariables.NAME, context.NAME or "
                        + "'text'";
    }

    /// Whether only a handshake has this source of a mapping.
    static boolean isOfConnectOnly(String source) {
        return CONNECT_ONLY.matcher(source).matches();
    }

    static @Nullable String routeParameter(String name) {
        return ROUTE_PARAMETER.matcher(name).matches()
                ? null
                : "is no parameter of a route: that is route.request.querystring.NAME or route.request.header.NAME";
    }

    /// Of the key of an integration response.
    static @Nullable String responseKey(String key) {
        if (key.equals("$default")) {
            return null;
        }
        if (key.length() < 3 || !key.startsWith("/") || !key.endsWith("/")) {
            return "is $default or a pattern between slashes such as /4\\d\\d/, not '" + key + "'";
        }
        try {
            Pattern.compile(key.substring(1, key.length() - 1));
            return null;
        } catch (PatternSyntaxException e) {
            return "'" + key + "' is no pattern: " + e.getDescription();
        }
    }
}
