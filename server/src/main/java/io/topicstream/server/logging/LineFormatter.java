package io.topicstream.server.logging;

import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.logging.Formatter;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Makes one line of a record: its time in UTC, its level, what is said, and an exception in short. Characters that
/// end a line or that a terminal obeys are escaped, so that nobody can write lines of his own into the log by what
/// he sends, and what looks like an API key is masked. Stateless.
abstract class LineFormatter extends Formatter {
    static final int MAX_CHARS = 8 * 1024;

    /// Not a formatter of the JDK's that wants to know the zone of this place: loading it takes a file.
    static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    private static final int MAX_CAUSES = 5;
    private static final int MAX_FRAMES = 8;
    private static final String KEY_BEGINNING = "ts_";
    private static final Pattern KEY = Pattern.compile("(?<![0-9A-Za-z])ts_[0-9A-Za-z]{16,}");

    /// The line with its line break.
    @Override
    public abstract String format(LogRecord record);

    /// What is said, without anything that breaks a line.
    final String message(LogRecord record) {
        return safe(record instanceof AccessRecord access ? access.getMessage() : formatMessage(record));
    }

    static String level(Level level) {
        int value = level.intValue();
        if (value >= Level.SEVERE.intValue()) {
            return "error";
        }
        if (value >= Level.WARNING.intValue()) {
            return "warning";
        }
        return value >= Level.INFO.intValue() ? "info" : "debug";
    }

    /// An exception and its causes in one line: what, why, and the last few places on the way.
    static String inShort(Throwable thrown) {
        StringBuilder out = new StringBuilder(256);
        Throwable cause = thrown;
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            out.append(depth == 0 ? "" : "; because of ")
                    .append(cause.getClass().getName());
            String message = cause.getMessage();
            if (message != null) {
                out.append(": ").append(message);
            }
            StackTraceElement[] frames = cause.getStackTrace();
            for (int i = 0; i < Math.min(frames.length, MAX_FRAMES); i++) {
                String type = frames[i].getClassName();
                out.append(i == 0 ? " (at " : " < ")
                        .append(type, type.lastIndexOf('.') + 1, type.length())
                        .append('.')
                        .append(frames[i].getMethodName())
                        .append(':')
                        .append(frames[i].getLineNumber());
            }
            out.append(frames.length > 0 ? ")" : "");
            cause = cause.getCause();
        }
        return safe(out.toString());
    }

    static String safe(String text) {
        String masked = text;
        if (text.contains(KEY_BEGINNING)) {
            masked = KEY.matcher(text).replaceAll(Matcher.quoteReplacement(KEY_BEGINNING + "…"));
        }
        int end = Math.min(masked.length(), MAX_CHARS);
        for (int i = 0; i < end; i++) {
            if (isUnsafe(masked.charAt(i)) || end < masked.length()) {
                return escaped(masked, end);
            }
        }
        return masked;
    }

    private static String escaped(String text, int end) {
        StringBuilder out = new StringBuilder(end + 64);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (isUnsafe(c)) {
                out.append(String.format("\\u%04X", (int) c));
            } else {
                out.append(c);
            }
        }
        return out.append(end < text.length() ? "…" : "").toString();
    }

    /// Whether it ends a line, moves the cursor, is invisible, or is half of a character. The latter is so of
    /// characters beyond the first 65,536 too: they come as escapes.
    private static boolean isUnsafe(char c) {
        if (c >= ' ' && c < 0x7F) {
            return false;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }

    /// `2026-01-31T12:00:00.123Z WARNING the store cannot be opened`.
    static final class Text extends LineFormatter {
        private static final String OURS = "io.topicstream.";

        @Override
        public String format(LogRecord record) {
            StringBuilder line = new StringBuilder(160).append(TIME.format(record.getInstant()));
            line.append(' ');
            if (record instanceof AccessRecord) {
                line.append("ACCESS ");
            } else {
                line.append(level(record.getLevel()).toUpperCase(java.util.Locale.ROOT))
                        .append(' ');
                String logger = record.getLoggerName();
                if (logger != null && !logger.startsWith(OURS)) {
                    line.append(safe(logger)).append(": ");
                }
            }
            line.append(message(record));
            if (record.getThrown() != null) {
                line.append(": ").append(inShort(record.getThrown()));
            }
            return line.append('\n').toString();
        }
    }

    /// One JSON object: `time`, `level`, `logger`, `message` and `exception`, or those of an access.
    static final class Json extends LineFormatter {
        @Override
        public String format(LogRecord record) {
            JsonLine line = new JsonLine().text("time", TIME.format(record.getInstant()));
            line.text("level", level(record.getLevel())).text("logger", record.getLoggerName());
            if (record instanceof AccessRecord access) {
                access.writeJson(line);
            } else {
                line.text("message", message(record));
            }
            if (record.getThrown() != null) {
                line.text("exception", inShort(record.getThrown()));
            }
            return line.end();
        }
    }
}
