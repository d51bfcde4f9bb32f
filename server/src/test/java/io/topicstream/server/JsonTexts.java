package io.topicstream.server;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Looks into JSON text without a parser of the product's: enough for what tests ask.
public final class JsonTexts {
    private JsonTexts() {}

    /// The elements of an array of objects; any other text is its own only element.
    public static List<String> elements(String text) {
        if (!text.startsWith("[")) {
            return List.of(text);
        }
        List<String> elements = new ArrayList<>();
        int depth = 0;
        int start = -1;
        boolean quoted = false;
        for (int i = 1; i < text.length() - 1; i++) {
            char c = text.charAt(i);
            if (quoted) {
                if (c == '\\') {
                    i++;
                } else if (c == '"') {
                    quoted = false;
                }
            } else if (c == '"') {
                quoted = true;
            } else if (c == '{' || c == '[') {
                if (depth++ == 0) {
                    start = i;
                }
            } else if ((c == '}' || c == ']') && --depth == 0) {
                elements.add(text.substring(start, i + 1));
            }
        }
        return elements;
    }

    /// The first integer member of this name.
    public static long number(String text, String name) {
        Matcher matcher =
                Pattern.compile("\"" + Pattern.quote(name) + "\":(-?\\d+)").matcher(text);
        if (!matcher.find()) {
            throw new AssertionError("no number " + name + " in " + text);
        }
        return Long.parseLong(matcher.group(1));
    }
}
