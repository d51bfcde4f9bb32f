package io.topicstream.server.config;

import java.util.ArrayList;
import java.util.List;

/// What is wrong with a configuration, collected, so that all of it is told at once.
final class Problems {
    private final List<String> lines = new ArrayList<>();

    /// @param where the file and line or the variable; empty where the key is the flag that was typed
    /// @param what names the key, the value unless it is secret, and what is allowed
    void add(String where, String what) {
        lines.add(where.isEmpty() ? what : where + ": " + what);
    }

    /// @throws ConfigException if there are any
    void throwIfAny() {
        if (!lines.isEmpty()) {
            throw new ConfigException(lines);
        }
    }
}
