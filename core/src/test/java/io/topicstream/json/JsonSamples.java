package io.topicstream.json;

import java.nio.charset.StandardCharsets;
import java.util.Random;

/// Random JSON, and what becomes of it when a few bytes are changed.
public final class JsonSamples {
    private static final String[] SPACES = {"", "", "", " ", "\n", "\r\n", "\t", "  \n "};
    private static final String[] NUMBERS = {
        "0",
        "-0",
        "1",
        "-1",
        "10",
        "1.5",
        "-0.0",
        "1e5",
        "1E+5",
        "1e-999999999",
        "123456789012345678901234567890",
        "9e0"
    };
    private static final String[] ESCAPES = {
        "\\n",
        "\\\"",
        "\\\\",
        "\\/",
        "\\b",
        "\\f",
        "\\r",
        "\\t",
        "\\u0000",
        "\\u00e9",
        "\\uD83D\\uDE00",
        "\\ud800",
        "\\uDFFF"
    };
    private static final String INSERTED = "{}[]\",:\\ \n\t0123456789.eE+-truefalsn\u0000\u001fa\u00e9/'";

    private JsonSamples() {}

    /// Random text of any characters, half surrogate pairs among them.
    public static String text(Random random, int length) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < length; i++) {
            out.append((char)
                    switch (random.nextInt(6)) {
                        case 0 -> random.nextInt(0x20);
                        case 1 -> 0x80 + random.nextInt(0x780);
                        case 2 -> 0x800 + random.nextInt(0xF800);
                        case 3 -> 0xD800 + random.nextInt(0x800);
                        case 4 -> "\"\\/\u007f\u2028".charAt(random.nextInt(5));
                        default -> 0x20 + random.nextInt(0x5F);
                    });
        }
        return out.toString();
    }

    /// A value with at most `depth` brackets open at once.
    public static String value(Random random, int depth) {
        StringBuilder out = new StringBuilder();
        value(random, depth, out);
        return out.toString();
    }

    private static void value(Random random, int depth, StringBuilder out) {
        switch (random.nextInt(depth > 0 ? 8 : 5)) {
            case 0 -> out.append("true");
            case 1 -> out.append("false");
            case 2 -> out.append("null");
            case 3 -> out.append(NUMBERS[random.nextInt(NUMBERS.length)]);
            case 4 -> string(random, out);
            case 5 -> {
                out.append('[').append(space(random));
                int count = random.nextInt(4);
                for (int i = 0; i < count; i++) {
                    out.append(i > 0 ? "," : "").append(space(random));
                    value(random, depth - 1, out);
                    out.append(space(random));
                }
                out.append(']');
            }
            default -> {
                out.append('{').append(space(random));
                int count = random.nextInt(4);
                for (int i = 0; i < count; i++) {
                    out.append(i > 0 ? "," : "").append(space(random));
                    string(random, out);
                    out.append(space(random)).append(':').append(space(random));
                    value(random, depth - 1, out);
                    out.append(space(random));
                }
                out.append('}');
            }
        }
    }

    private static void string(Random random, StringBuilder out) {
        out.append('"');
        int count = random.nextInt(6);
        for (int i = 0; i < count; i++) {
            switch (random.nextInt(4)) {
                case 0 -> out.append(ESCAPES[random.nextInt(ESCAPES.length)]);
                case 1 -> out.append("é€😀\u2028\u007f");
                default -> out.append("plain text 123");
            }
        }
        out.append('"');
    }

    static String space(Random random) {
        return SPACES[random.nextInt(SPACES.length)];
    }

    /// The text with some characters changed, taken out, put in or said twice.
    public static String mutated(Random random, String text) {
        StringBuilder out = new StringBuilder(text);
        int changes = 1 + random.nextInt(3);
        for (int i = 0; i < changes; i++) {
            int at = out.isEmpty() ? 0 : random.nextInt(out.length());
            char c = INSERTED.charAt(random.nextInt(INSERTED.length()));
            switch (random.nextInt(5)) {
                case 0 -> out.insert(at, c);
                case 1 -> out.delete(at, Math.min(out.length(), at + 1));
                case 2 -> out.replace(at, Math.min(out.length(), at + 1), String.valueOf(c));
                case 3 -> out.setLength(at);
                default -> out.insert(at, out.substring(at, Math.min(out.length(), at + 1 + random.nextInt(4))));
            }
        }
        // A change may have cut a pair of surrogates; what reaches a reader is valid UTF-8.
        return new String(out.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    }
}
