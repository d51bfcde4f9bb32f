package io.topicstream.testkit;

import io.topicstream.access.Identity;
import io.topicstream.access.Speaker;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Speakers without a session.
public final class Speakers {
    private Speakers() {}

    /// Somebody without a name, on the connection of this id.
    public static Speaker on(String connectionId) {
        return on(connectionId, Map.of());
    }

    /// The same, of whom something else is known.
    public static Speaker on(String connectionId, Map<String, String> attributes) {
        return new Known(connectionId, Identity.anonymous(null, null, List.of()), attributes);
    }

    private record Known(String connectionId, Identity identity, Map<String, String> attributes) implements Speaker {
        @Override
        public @Nullable String attribute(String name) {
            return attributes.get(name);
        }
    }
}
