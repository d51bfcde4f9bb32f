package io.topicstream.policy;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What is kept and told of who is in a topic.
public enum PresencePolicy {
    /// Nothing, to nobody.
    OFF,
    /// Who asked for it when subscribing is seen, and hears of the others who did.
    ON_REQUEST,
    /// All who subscribe are counted. The number is told, and no names.
    COUNTS,
    /// All who subscribe are seen, and told of by name.
    NAMES;

    /// The name in configuration: lower case.
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The one of this name, or null.
    public static @Nullable PresencePolicy of(String wireName) {
        for (PresencePolicy policy : values()) {
            if (policy.wireName().equals(wireName)) {
                return policy;
            }
        }
        return null;
    }

    /// The names of all, as a sentence has them.
    public static String wireNames() {
        return Stream.of(values()).map(PresencePolicy::wireName).collect(Collectors.joining(", "));
    }
}
