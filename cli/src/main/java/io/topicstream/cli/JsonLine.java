package io.topicstream.cli;

import io.topicstream.json.JsonWriter;
import org.jspecify.annotations.Nullable;

/// One JSON object as one line of output.
final class JsonLine {
    private final JsonWriter out = new JsonWriter().raw('{');
    private boolean first = true;

    JsonLine text(String name, @Nullable String value) {
        if (value != null) {
            name(name).string(value);
        }
        return this;
    }

    JsonLine number(String name, long value) {
        name(name).number(value);
        return this;
    }

    /// A member whose value is JSON already.
    JsonLine raw(String name, String json) {
        name(name).raw(json.getBytes(java.nio.charset.StandardCharsets.UTF_8));
        return this;
    }

    private JsonWriter name(String name) {
        if (!first) {
            out.raw(',');
        }
        first = false;
        return out.string(name).raw(':');
    }

    /// The line.
    @Override
    public String toString() {
        return out + "}";
    }
}
