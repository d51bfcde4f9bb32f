package io.topicstream.server.config;

import java.util.Locale;

/// One row of the table of settings.
///
/// @param path its name: `limits.http.body_bytes` stands in the file under `limits`, `http`, `body_bytes`
/// @param kind what it may be, and how it is read and shown
/// @param byDefault what it is if nobody says
/// @param description one line, without a full stop
record Setting<T>(String path, Kind<T> kind, T byDefault, String description) {
    /// What the names of the environment's variables begin with.
    static final String VARIABLE_PREFIX = "TOPICSTREAM_";

    /// The environment's variable: `TOPICSTREAM_LIMITS_HTTP_BODY_BYTES`.
    String variable() {
        return variable(path);
    }

    static String variable(String path) {
        return VARIABLE_PREFIX + path.replace('.', '_').toUpperCase(Locale.ROOT);
    }

    String shownDefault() {
        return kind.show(byDefault);
    }
}
