package io.topicstream.cli;

/// Text from elsewhere, made safe to show: a terminal obeys control characters, and characters without a width
/// of their own make text look like other text.
final class TerminalText {
    private TerminalText() {}

    /// The text with every such character written as `\u001B`, so that a JSON text stays the same JSON text.
    static String safe(String text) {
        StringBuilder out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (isUnsafe(c)) {
                for (char unit : Character.toChars(c)) {
                    out.append(String.format("\\u%04X", (int) unit));
                }
            } else {
                out.appendCodePoint(c);
            }
        });
        return out.toString();
    }

    /// The text in one line.
    static String line(String text) {
        return safe(text.strip().replaceAll("\\s*\\R\\s*", "; "));
    }

    private static boolean isUnsafe(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
