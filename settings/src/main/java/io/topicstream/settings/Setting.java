package io.topicstream.settings;

import java.util.Locale;

/// One row of the table of settings.
///
/// @param path its name: `limits.http.body_bytes` stands in the file under `limits`, `http`, `body_bytes`
/// @param kind what it may be, and how it is read and shown
/// @param byDefault what it is if nobody says
/// @param description one line, without a full stop
public record Setting<T>(String path, Kind<T> kind, T byDefault, String description) {
    /// What the names of the environment's variables begin with.
    public static final String VARIABLE_PREFIX = "TOPICSTREAM_";

    /// The environment's variable: `TOPICSTREAM_LIMITS_HTTP_BODY_BYTES`.
    public String variable() {
        return variable(path);
    }

    /// The variable of what has this path.
    public static String variable(String path) {
        return VARIABLE_PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    /// The default as one would write it.
    public String shownDefault() {
        return kind.show(byDefault);
    }
}
