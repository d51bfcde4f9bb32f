package io.topicstream.gateway.mapping;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A parameter of a request or of an answer, and where its value comes from. Immutable.
///
/// @param name as the definition has it
record Target(Kind kind, String name, Source source) {
    /// Where a parameter stands.
    enum Kind {
        HEADER,
        QUERY,
        PATH
    }

    private static final Map<String, Kind> OF_REQUESTS = Map.of(
            "integration.request.header.", Kind.HEADER,
            "integration.request.querystring.", Kind.QUERY,
            "integration.request.path.", Kind.PATH);

    private static final Map<String, Kind> OF_ANSWERS =
            Map.of("method.response.header.", Kind.HEADER, "route.response.header.", Kind.HEADER);

    /// Those of a request to a back end.
    ///
    /// @throws MappingException with the place of what is not understood
    static List<Target> ofRequest(Map<String, String> parameters, String place) {
        return parse(parameters, place, OF_REQUESTS, false);
    }

    /// Those of an answer.
    ///
    /// @throws MappingException with the place of what is not understood
    static List<Target> ofAnswer(Map<String, String> parameters, String place) {
        return parse(parameters, place, OF_ANSWERS, true);
    }

    private static List<Target> parse(
            Map<String, String> parameters, String place, Map<String, Kind> kinds, boolean answer) {
        List<Target> targets = new ArrayList<>();
        new TreeMap<>(parameters).forEach((target, source) -> {
            String at = place + "['" + target + "']";
            Map.Entry<String, Kind> kind = kinds.entrySet().stream()
                    .filter(entry -> target.startsWith(entry.getKey()))
                    .findFirst()
                    .orElseThrow(() -> new MappingException(at, "There is no parameter of this kind: " + target));
            String name = target.substring(kind.getKey().length());
            if (!Source.NAME.matcher(name).matches()) {
                throw new MappingException(at, "A name may have letters, digits and . _ $ - only: " + target);
            }
            try {
                targets.add(new Target(kind.getValue(), name, Source.parse(source, answer)));
            } catch (IllegalArgumentException e) {
                throw new MappingException(at, String.valueOf(e.getMessage()), e);
            }
        });
        return List.copyOf(targets);
    }

    /// Whether a value may stand there. One with a line's end could forge what follows it, and dots alone
    /// would lead elsewhere.
    boolean allows(String value) {
        return switch (kind) {
            case QUERY -> true;
            case HEADER -> printable(value);
            case PATH -> printable(value) && !value.equals(".") && !value.equals("..");
        };
    }

    private static boolean printable(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < 0x20 && c != '\t') || c == 0x7f) {
                return false;
            }
        }
        return true;
    }
}
