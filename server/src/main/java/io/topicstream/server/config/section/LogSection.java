package io.topicstream.server.config.section;

import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.util.List;

/// What the process says on its standard error.
///
/// @param access whether each request gets a line
public record LogSection(Level level, Format format, boolean access) {
    public static final Rows ROWS = new Rows();

    private static final Setting<Level> LEVEL = ROWS.add(
            "log.level",
            Kind.oneOf(List.of(Level.values()), Level::wireName),
            Level.INFO,
            "From which level on the log, on the standard error, has a line");
    private static final Setting<Format> FORMAT = ROWS.add(
            "log.format",
            Kind.oneOf(List.of(Format.values()), Format::wireName),
            Format.TEXT,
            "How its lines are written: text, or one JSON object each");
    private static final Setting<Boolean> ACCESS = ROWS.add(
            "log.access",
            Kind.oneOf(List.of(true, false), on -> on ? "on" : "off"),
            false,
            "Whether each request and each WebSocket gets a line in the log, at every level");

    /// From which level on the log is written.
    public enum Level {
        DEBUG,
        INFO,
        WARNING,
        ERROR;

        /// The name in the configuration.
        public String wireName() {
            return switch (this) {
                case DEBUG -> "debug";
                case INFO -> "info";
                case WARNING -> "warning";
                case ERROR -> "error";
            };
        }
    }

    /// How a line of the log is written.
    public enum Format {
        TEXT,
        JSON;

        /// The name in the configuration.
        public String wireName() {
            return switch (this) {
                case TEXT -> "text";
                case JSON -> "json";
            };
        }
    }

    /// What the settings say.
    public static LogSection of(Values values) {
        return new LogSection(values.get(LEVEL), values.get(FORMAT), values.get(ACCESS));
    }
}
