package io.topicstream.gateway.backend;

import io.topicstream.gateway.http.HttpCall;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Header fields that may go from one side to the other.
final class AnswerHeaders {
    /// Fields of one connection (RFC 9110, 7.6.1), and those that belong to the framing of one message.
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "content-length",
            "expect",
            "host");

    private AnswerHeaders() {}

    /// Whether a field is of one connection or one message, and never passed on.
    static boolean isHopByHop(String name) {
        return HOP_BY_HOP.contains(name.toLowerCase(Locale.ROOT));
    }

    /// Those that may be passed on. Fields with line breaks and the like in them are left out.
    static Map<String, List<String>> passedOn(Map<String, List<String>> headers) {
        Set<String> named = namedByConnection(headers);
        Map<String, List<String>> kept = new LinkedHashMap<>();
        headers.forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(lower)
                    && !named.contains(lower)
                    && HttpCall.isToken(name)
                    && values.stream().allMatch(AnswerHeaders::isValue)) {
                kept.put(name, List.copyOf(values));
            }
        });
        return kept;
    }

    /// Fields that the field `Connection` says are of this connection only.
    private static Set<String> namedByConnection(Map<String, List<String>> headers) {
        for (Map.Entry<String, List<String>> field : headers.entrySet()) {
            if (field.getKey().equalsIgnoreCase("connection")) {
                return Set.copyOf(List.of(String.join(",", field.getValue())
                        .toLowerCase(Locale.ROOT)
                        .strip()
                        .split("\\s*,\\s*")));
            }
        }
        return Set.of();
    }

    private static boolean isValue(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c == 127) {
                return false;
            }
        }
        return true;
    }

    /// The first value of a field, whatever the case of its name.
    static @Nullable String first(Map<String, List<String>> headers, String name) {
        for (Map.Entry<String, List<String>> field : headers.entrySet()) {
            if (field.getKey().equalsIgnoreCase(name) && !field.getValue().isEmpty()) {
                return field.getValue().getFirst();
            }
        }
        return null;
    }
}
