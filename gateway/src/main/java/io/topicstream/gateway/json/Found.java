package io.topicstream.gateway.json;

import org.jspecify.annotations.Nullable;

/// What a JSONPath found, which may be nothing, or JSON's null.
///
/// @param exists whether there is such a place
/// @param value what stands there; must not be changed
public record Found(boolean exists, @Nullable Object value) {
    /// There is no such place.
    public static final Found NOTHING = new Found(false, null);

    /// What it is as text: a text itself, other values as JSON; empty where there is nothing.
    public String text() {
        return exists ? JsonText.plain(value) : "";
    }
}
