package io.topicstream.access;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What one may do on a topic, or with the server where it is granted for every topic.
public enum Permission {
    PUBLISH,
    SUBSCRIBE,
    READ,
    PRESENCE,
    /// Only ever given by name, never by default.
    ADMIN,
    /// Read the server's figures, where it is granted for every topic. Given by name too: it is for a
    /// collector that shall do nothing else.
    METRICS;

    /// The name in configuration and key records: lower case.
    public String wireName() {
        return switch (this) {
            case PUBLISH -> "publish";
            case SUBSCRIBE -> "subscribe";
            case READ -> "read";
            case PRESENCE -> "presence";
            case ADMIN -> "admin";
            case METRICS -> "metrics";
        };
    }

    /// The one of this name, or null.
    public static @Nullable Permission of(String wireName) {
        for (Permission permission : values()) {
            if (permission.wireName().equals(wireName)) {
                return permission;
            }
        }
        return null;
    }

    /// The names of all, as a sentence has them: `publish, subscribe, …`.
    public static String wireNames() {
        return Stream.of(values()).map(Permission::wireName).collect(Collectors.joining(", "));
    }
}
