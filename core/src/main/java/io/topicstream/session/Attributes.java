package io.topicstream.session;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a session knows of its client beside who it is: a few texts by name, such as the room that a chat is in.
/// Immutable.
///
/// @param values by name; at most [#MAX_COUNT], of at most [#MAX_LENGTH] characters each
public record Attributes(Map<String, String> values) {
    /// The most that a session may have.
    public static final int MAX_COUNT = 16;
    /// The longest name, and the longest value, in characters.
    public static final int MAX_LENGTH = 1024;
    /// None at all: what nearly every session has.
    public static final Attributes NONE = new Attributes(Map.of());

    public Attributes {
        if (values.size() > MAX_COUNT) {
            throw new IllegalArgumentException("a session has at most " + MAX_COUNT + " attributes");
        }
        values.forEach((name, value) -> {
            if (name.isEmpty() || name.length() > MAX_LENGTH || value.length() > MAX_LENGTH) {
                throw new IllegalArgumentException("an attribute is a text of at most " + MAX_LENGTH + " characters");
            }
        });
        values = Map.copyOf(values);
    }

    /// These values by their names; [#NONE] where the map is empty.
    public static Attributes of(Map<String, String> values) {
        return values.isEmpty() ? NONE : new Attributes(values);
    }

    /// The same with this value under this name.
    public Attributes with(String name, String value) {
        Map<String, String> changed = new HashMap<>(values);
        changed.put(name, value);
        return new Attributes(changed);
    }

    /// The same without one of this name.
    public Attributes without(String name) {
        Map<String, String> changed = new HashMap<>(values);
        changed.remove(name);
        return of(changed);
    }

    /// The value of this name, or null.
    public @Nullable String get(String name) {
        return values.get(name);
    }
}
