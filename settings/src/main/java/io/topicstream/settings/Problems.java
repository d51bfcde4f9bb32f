package io.topicstream.settings;

import java.util.ArrayList;
import java.util.List;

/// What is wrong with a configuration, collected, so that all of it is told at once.
public final class Problems {
    private final List<String> lines = new ArrayList<>();

    /// Notes one.
    ///
    /// @param where the file and line or the variable; empty where the key is the flag that was typed
    /// @param what names the key, the value unless it is secret, and what is allowed
    public void add(String where, String what) {
        lines.add(where.isEmpty() ? what : where + ": " + what);
    }

    /// All of them, in the order in which they were found; none where the configuration can be used.
    public List<String> lines() {
        return List.copyOf(lines);
    }
}
