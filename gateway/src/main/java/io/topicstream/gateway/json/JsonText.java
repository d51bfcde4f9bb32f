package io.topicstream.gateway.json;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Writes values as JSON, and as the texts that expressions and mappings make of them.
public final class JsonText {
    private JsonText() {}

    /// A value as JSON, without spaces. What is not of JSON is written as the JSON string of its text.
    public static String json(@Nullable Object value) {
        StringBuilder out = new StringBuilder();
        write(out, value);
        return out.toString();
    }

    /// A text itself; of any other value its JSON.
    public static String plain(@Nullable Object value) {
        return value instanceof String text ? text : json(value);
    }

    /// As a selection expression has it: texts themselves, arrays as `[a, b]`, objects as JSON, null as
    /// `null`.
    public static String selected(@Nullable Object value) {
        if (!(value instanceof List<?> list)) {
            return plain(value);
        }
        StringBuilder out = new StringBuilder("[");
        for (Iterator<?> elements = list.iterator(); elements.hasNext(); ) {
            out.append(selected(elements.next()));
            if (elements.hasNext()) {
                out.append(", ");
            }
        }
        return out.append(']').toString();
    }

    private static void write(StringBuilder out, @Nullable Object value) {
        switch (value) {
            case null -> out.append("null");
            case Boolean truth -> out.append(truth);
            case Number number -> out.append(number(number));
            case Map<?, ?> map -> {
                out.append('{');
                String separator = "";
                for (Map.Entry<?, ?> member : map.entrySet()) {
                    out.append(separator);
                    quote(out, String.valueOf(member.getKey()));
                    out.append(':');
                    write(out, member.getValue());
                    separator = ",";
                }
                out.append('}');
            }
            case List<?> list -> {
                out.append('[');
                String separator = "";
                for (Object element : list) {
                    out.append(separator);
                    write(out, element);
                    separator = ",";
                }
                out.append(']');
            }
            default -> quote(out, value.toString());
        }
    }

    private static String number(Number number) {
        return number instanceof Double value && (value.isNaN() || value.isInfinite()) ? "null" : number.toString();
    }

    private static void quote(StringBuilder out, String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case '\b' -> out.append("\\b");
                case '\f' -> out.append("\\f");
                default -> {
                    if (c < 0x20 || c == '\u2028' || c == '\u2029') {
                        out.append("\\u").append(String.format("%04X", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
