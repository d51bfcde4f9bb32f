package io.topicstream.gateway.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.json.JsonReading;
import io.topicstream.gateway.json.NotJsonException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// `$util` of one rendering. Of nothing, each of its functions makes nothing. Of one thread.
final class UtilVariable implements TemplateObject {
    private final Budget budget;

    UtilVariable(Budget budget) {
        this.budget = budget;
    }

    @Override
    public @Nullable Object call(String method, @Nullable Object[] arguments) {
        if (arguments.length != 1 || arguments[0] == null) {
            return null;
        }
        String text = Values.text(arguments[0], budget);
        Object result = switch (method) {
            case "escapeJavaScript" -> escape(text);
            case "parseJson" -> parse(text);
            case "urlEncode" -> URLEncoder.encode(text, UTF_8);
            case "urlDecode" -> decode(text);
            case "base64Encode" -> Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
            case "base64Decode" -> decode64(text);
            default -> null;
        };
        if (result instanceof String made) {
            budget.chars(made.length());
        }
        return result;
    }

    @Override
    public @Nullable Object get(String property) {
        return null;
    }

    /// As the function of the same name in Apache Commons Lang 2, which API Gateway's documents describe.
    private static String escape(String text) {
        StringBuilder out = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\b' -> out.append("\\b");
                case '\n' -> out.append("\\n");
                case '\t' -> out.append("\\t");
                case '\f' -> out.append("\\f");
                case '\r' -> out.append("\\r");
                case '\'', '"', '\\', '/' -> out.append('\\').append(c);
                default -> {
                    if (c < 0x20 || c > 0x7f) {
                        out.append("\\u").append(HEX.toHexDigits(c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return out.toString();
    }

    private static final java.util.HexFormat HEX = java.util.HexFormat.of().withUpperCase();

    private static @Nullable Object parse(String text) {
        try {
            return JsonReading.read(text);
        } catch (NotJsonException e) {
            throw new TemplateFailure("$util.parseJson was given what is not JSON: " + e.getMessage());
        }
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text, UTF_8);
        } catch (IllegalArgumentException e) {
            throw new TemplateFailure("$util.urlDecode was given what is not encoded.");
        }
    }

    private static String decode64(String text) {
        try {
            return new String(Base64.getDecoder().decode(text), UTF_8);
        } catch (IllegalArgumentException e) {
            throw new TemplateFailure("$util.base64Decode was given what is not base64.");
        }
    }

    @Override
    public String toString() {
        return "";
    }
}
