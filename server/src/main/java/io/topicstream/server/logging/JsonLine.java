package io.topicstream.server.logging;

import org.jspecify.annotations.Nullable;

/// One JSON object as one line of the log. Belongs to its maker.
final class JsonLine {
    private final StringBuilder out = new StringBuilder(256).append('{');

    /// Adds a member; none for null.
    JsonLine text(String name, @Nullable String value) {
        if (value != null) {
            name(name).append('"');
            String safe = LineFormatter.safe(value);
            for (int i = 0; i < safe.length(); i++) {
                char c = safe.charAt(i);
                if (c == '"' || c == '\\') {
                    out.append('\\');
                }
                out.append(c);
            }
            out.append('"');
        }
        return this;
    }

    JsonLine number(String name, long value) {
        name(name).append(value);
        return this;
    }

    /// Adds a member whose value is JSON already.
    JsonLine raw(String name, String json) {
        name(name).append(json);
        return this;
    }

    private StringBuilder name(String name) {
        return out.append(out.length() == 1 ? "\"" : ",\"").append(name).append("\":");
    }

    /// The line with its line break.
    String end() {
        return out.append("}\n").toString();
    }
}
