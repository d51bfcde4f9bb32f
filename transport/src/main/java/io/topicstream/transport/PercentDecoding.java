package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

/// Percent-decoding of request targets, exactly once and never leniently.
final class PercentDecoding {
    private PercentDecoding() {}

    /// A path segment. An encoded slash, an encoded NUL, a broken escape and what is not UTF-8 are refused.
    static String segment(String raw) {
        return decode(raw, false);
    }

    /// A name or value of a query, where `+` is a space.
    static String parameter(String raw) {
        return decode(raw, true);
    }

    private static String decode(String raw, boolean parameter) {
        if (raw.indexOf('%') < 0 && (!parameter || raw.indexOf('+') < 0)) {
            return raw;
        }
        byte[] bytes = raw.getBytes(ISO_8859_1);
        int out = 0;
        for (int in = 0; in < bytes.length; in++) {
            int value = bytes[in];
            if (value == '%') {
                if (in + 2 >= bytes.length) {
                    throw new Refusal(400, "broken percent escape in the request target");
                }
                int high = Character.digit(bytes[in + 1], 16);
                int low = Character.digit(bytes[in + 2], 16);
                if (high < 0 || low < 0) {
                    throw new Refusal(400, "broken percent escape in the request target");
                }
                value = high << 4 | low;
                in += 2;
                if (value == 0 || (!parameter && value == '/')) {
                    throw new Refusal(400, "encoded slash or NUL in the request target");
                }
            } else if (value == '+' && parameter) {
                value = ' ';
            }
            bytes[out++] = (byte) value;
        }
        if (!Utf8.isValid(bytes, 0, out)) {
            throw new Refusal(400, "the request target is not UTF-8");
        }
        return new String(bytes, 0, out, UTF_8);
    }
}
