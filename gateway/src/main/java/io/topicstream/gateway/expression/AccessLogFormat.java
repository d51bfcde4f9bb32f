package io.topicstream.gateway.expression;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The line of an access log: any text, with `$context` variables in it. Parsed once; immutable and
/// thread-safe.
///
/// What is not known is `-`. A client's words cannot end the line or a JSON string in it: control
/// characters, quotes and backslashes in values are written as in JSON.
public final class AccessLogFormat {
    /// The most characters of a format.
    public static final int MAX_CHARS = 3 * 1024;

    private static final Pattern VARIABLE = Pattern.compile("\\$context\\.([A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*)"
            + "|\\$\\{context\\.([A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*)}");

    private static final String QUOTED = "error.messageString";

    /// Texts and names in turns, a text first.
    private final List<String> pieces;

    private AccessLogFormat(List<String> pieces) {
        this.pieces = List.copyOf(pieces);
    }

    /// Parses a format.
    ///
    /// @throws IllegalArgumentException if it is longer than [#MAX_CHARS]
    public static AccessLogFormat parse(String format) {
        if (format.length() > MAX_CHARS) {
            throw new IllegalArgumentException("The format of an access log has at most " + MAX_CHARS + " characters.");
        }
        List<String> pieces = new ArrayList<>();
        Matcher variables = VARIABLE.matcher(format);
        int from = 0;
        while (variables.find()) {
            pieces.add(format.substring(from, variables.start()));
            pieces.add(variables.group(1) != null ? variables.group(1) : variables.group(2));
            from = variables.end();
        }
        pieces.add(format.substring(from));
        return new AccessLogFormat(pieces);
    }

    /// The line for an event, without a line's end.
    public String line(ContextVariables context) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < pieces.size(); i++) {
            String piece = pieces.get(i);
            if (i % 2 == 0) {
                line.append(piece.replace('\n', ' ').replace('\r', ' '));
            } else {
                String value = context.text(piece);
                if (value == null || value.isEmpty()) {
                    line.append('-');
                } else if (piece.equals(QUOTED)) {
                    line.append(value);
                } else {
                    escape(line, value);
                }
            }
        }
        return line.toString();
    }

    private static void escape(StringBuilder line, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                line.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7f || c == 0x85 || c == '\u2028' || c == '\u2029') {
                line.append("\\u").append(String.format("%04x", (int) c));
            } else {
                line.append(c);
            }
        }
    }
}
