package io.topicstream.gateway.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.json.JsonReading;
import io.topicstream.gateway.json.NotJsonException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a function behind an AWS_PROXY integration returns, held against its form.
final class ProxyResult {
    private static final Set<String> MEMBERS =
            Set.of("statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded");

    private static final int OK = 200;

    private ProxyResult() {}

    /// The answer that a result is.
    ///
    /// @param connecting whether it decides about a handshake
    static Answer read(byte[] payload, boolean connecting, BackEndSettings settings) {
        Object result;
        try {
            String text = new String(payload, UTF_8);
            result = text.isBlank() ? null : JsonReading.read(text);
        } catch (NotJsonException e) {
            return malformed("it is not JSON: " + e.getMessage());
        }
        if (result == null) {
            return connecting && settings.nullRefusesConnect()
                    ? malformed("it is null")
                    : new Answer.Given(OK, Map.of(), null, null);
        }
        if (!(result instanceof Map<?, ?> members)) {
            return malformed("it is not an object");
        }
        for (Object name : members.keySet()) {
            if (!MEMBERS.contains(name)) {
                return malformed("it has a member '" + name + "'");
            }
        }
        Integer status = status(members.get("statusCode"), settings);
        if (status == null || (connecting && (status < OK || status > 599))) {
            return malformed("its statusCode is " + members.get("statusCode"));
        }
        return given(status, members, settings);
    }

    private static Answer given(int status, Map<?, ?> members, BackEndSettings settings) {
        if (!isObject(members.get("headers")) || !isObject(members.get("multiValueHeaders"))) {
            return malformed("its headers are not an object");
        }
        Object encoded = members.get("isBase64Encoded");
        if (encoded != null && !(encoded instanceof Boolean)) {
            return malformed("its isBase64Encoded is neither true nor false");
        }
        Map<String, List<String>> headers = AnswerHeaders.passedOn(headers(members));
        String contentType = AnswerHeaders.first(headers, "Content-Type");
        return switch (members.get("body")) {
            case null -> new Answer.Given(status, headers, null, contentType);
            case String text -> {
                if (!Boolean.TRUE.equals(encoded) || !settings.decodeBase64()) {
                    yield new Answer.Given(status, headers, text.getBytes(UTF_8), contentType);
                }
                try {
                    // With line breaks, as some libraries write it.
                    byte[] decoded = Base64.getMimeDecoder().decode(text);
                    yield new Answer.Given(status, headers, decoded, contentType);
                } catch (IllegalArgumentException _) {
                    yield malformed("its body is no base64");
                }
            }
            default -> malformed("its body is not a string");
        };
    }

    /// A whole number, or digits in a string, which API Gateway takes too.
    private static @Nullable Integer status(@Nullable Object status, BackEndSettings settings) {
        return switch (status) {
            case null -> settings.statusOptional() ? OK : null;
            case Integer number -> number;
            case Double number when number == Math.rint(number) && Math.abs(number) < 100_000 -> number.intValue();
            case String digits when digits.matches("[0-9]{1,5}") -> Integer.valueOf(digits);
            default -> null;
        };
    }

    private static boolean isObject(@Nullable Object value) {
        return value == null || value instanceof Map<?, ?>;
    }

    /// Both kinds of header fields in one; where a name is in both, its several values count.
    private static Map<String, List<String>> headers(Map<?, ?> members) {
        Map<String, List<String>> headers = new LinkedHashMap<>();
        if (members.get("headers") instanceof Map<?, ?> single) {
            single.forEach((name, value) -> {
                if (value != null && !(value instanceof Map<?, ?>) && !(value instanceof List<?>)) {
                    headers.put(String.valueOf(name), List.of(value.toString()));
                }
            });
        }
        if (members.get("multiValueHeaders") instanceof Map<?, ?> several) {
            several.forEach((name, values) -> {
                if (values instanceof List<?> list && !list.isEmpty()) {
                    headers.keySet().removeIf(known -> known.equalsIgnoreCase(String.valueOf(name)));
                    headers.put(
                            String.valueOf(name),
                            list.stream().map(String::valueOf).toList());
                }
            });
        }
        return headers;
    }

    private static Answer.Failed malformed(String what) {
        return Failures.internal("Malformed Lambda proxy response: " + what + ".");
    }
}
