package io.topicstream.gateway.expression;

import io.topicstream.gateway.expression.SelectionExpression.Part;
import io.topicstream.gateway.expression.SelectionExpression.Use;
import io.topicstream.gateway.json.JsonLocation;
import java.util.ArrayList;
import java.util.List;

/// Reads the text of a selection expression. Used once, by one thread.
final class ExpressionReader {
    private static final String BODY = "request.body";
    private static final String RETURNED_HEADER = "integration.response.header.";
    private static final String RETURNED_HEADERS = "integration.response.multivalueheader.";
    private static final String API_KEY_HEADER = "request.header.x-api-key";
    private static final String API_KEY_OF_AUTHORIZER = "context.authorizer.usageIdentifierKey";

    private final String text;
    private final Use use;
    private final StringBuilder literal = new StringBuilder();
    private final List<Part> parts = new ArrayList<>();

    ExpressionReader(String text, Use use) {
        this.text = text;
        this.use = use;
    }

    List<Part> parts() {
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c == '\\' && text.startsWith("$", at + 1)) {
                literal.append('$');
                at += 2;
            } else if (c == '$' && text.startsWith("{", at + 1)) {
                int end = end(at + 2, true);
                if (end == text.length()) {
                    throw new IllegalArgumentException("A brace is not closed in the expression " + text);
                }
                variable(text.substring(at + 2, end));
                at = end + 1;
            } else if (c == '$' && text.startsWith("default", at + 1)) {
                // It ought to be escaped, but is often written so, and can mean nothing else.
                literal.append("$default");
                at += "$default".length();
            } else if (c == '$') {
                int end = end(at + 1, false);
                while (end > at + 1 && text.charAt(end - 1) == '.') {
                    end--;
                }
                variable(text.substring(at + 1, end));
                at = end;
            } else {
                literal.append(c);
                at++;
            }
        }
        flush();
        return parts.isEmpty() ? List.of(new Part.Literal("")) : parts;
    }

    /// Where the name of a variable ends: at its brace, or where no character of a JSONPath follows.
    private int end(int from, boolean braced) {
        int brackets = 0;
        char quote = 0;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quote != 0) {
                quote = c == quote ? 0 : quote;
            } else if (brackets > 0 && (c == '\'' || c == '"')) {
                quote = c;
            } else if (c == '[') {
                brackets++;
            } else if (c == ']' && brackets > 0) {
                brackets--;
            } else if (brackets == 0 && (braced ? c == '}' : !ofName(c))) {
                return i;
            }
        }
        return text.length();
    }

    private static boolean ofName(char c) {
        return c == '.' || c == '_' || c == '-' || c == '*' || c == '@' || Character.isLetterOrDigit(c);
    }

    private void variable(String name) {
        flush();
        Part part = switch (use) {
            case ROUTE, MODEL, TEMPLATE -> ofBody(name);
            case RESPONSE_TEMPLATE -> ofAnswer(name);
            case API_KEY -> ofApiKey(name);
        };
        parts.add(part);
    }

    private void flush() {
        if (!literal.isEmpty()) {
            parts.add(new Part.Literal(literal.toString()));
            literal.setLength(0);
        }
    }

    private Part ofBody(String name) {
        if (name.equals(BODY)) {
            return new Part.Body(JsonLocation.parse("$"));
        }
        if (name.startsWith(BODY + ".") && name.length() > BODY.length() + 1) {
            return new Part.Body(JsonLocation.parse(name.substring(BODY.length() + 1)));
        }
        if (name.startsWith(BODY + "[")) {
            return new Part.Body(JsonLocation.parse(name.substring(BODY.length())));
        }
        throw unknown(name);
    }

    private Part ofAnswer(String name) {
        if (name.equals("integration.response.statuscode")) {
            return new Part.Status();
        }
        if (name.startsWith(RETURNED_HEADERS)) {
            return new Part.ReturnedHeader(name.substring(RETURNED_HEADERS.length()), true);
        }
        if (name.startsWith(RETURNED_HEADER)) {
            return new Part.ReturnedHeader(name.substring(RETURNED_HEADER.length()), false);
        }
        return ofBody(name);
    }

    private Part ofApiKey(String name) {
        return switch (name) {
            case API_KEY_HEADER -> new Part.Header("x-api-key");
            case API_KEY_OF_AUTHORIZER -> new Part.Authorizer("usageIdentifierKey");
            default -> throw unknown(name);
        };
    }

    private IllegalArgumentException unknown(String name) {
        return new IllegalArgumentException(
                "There is no variable '" + name + "' in an expression of this kind: " + text);
    }
}
