package io.topicstream.gateway.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

/// Percent-encoding as signature version 4 wants it: all but letters, digits, `-`, `.`, `_` and `~`, in capitals.
public final class Encoding {
    private static final char[] HEX = "0123456789ABCDEF".toCharArray();

    private Encoding() {}

    /// A text, encoded.
    public static String percent(String text) {
        return percent(text, false);
    }

    /// A path, encoded but for its slashes.
    static String path(String path) {
        return percent(path, true);
    }

    private static String percent(String text, boolean slashes) {
        int plain = 0;
        while (plain < text.length() && isPlain(text.charAt(plain), slashes)) {
            plain++;
        }
        if (plain == text.length()) {
            return text;
        }
        StringBuilder made = new StringBuilder(text.length() + 16).append(text, 0, plain);
        for (byte b : text.substring(plain).getBytes(UTF_8)) {
            char c = (char) (b & 0xFF);
            if (isPlain(c, slashes)) {
                made.append(c);
            } else {
                made.append('%').append(HEX[c >> 4]).append(HEX[c & 15]);
            }
        }
        return made.toString();
    }

    private static boolean isPlain(char c, boolean slashes) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '-'
                || c == '.'
                || c == '_'
                || c == '~'
                || (slashes && c == '/');
    }

    /// A part of a query, decoded. A percent sign that begins no byte stays; a plus sign stays too.
    static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(UTF_8);
        int to = 0;
        for (int i = 0; i < bytes.length; i++) {
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (bytes[i] == '%' && high >= 0 && low >= 0) {
                bytes[to++] = (byte) (high * 16 + low);
                i += 2;
            } else {
                bytes[to++] = bytes[i];
            }
        }
        return new String(bytes, 0, to, UTF_8);
    }
}
