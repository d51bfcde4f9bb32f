package io.topicstream.json;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A growing buffer of JSON text in UTF-8, made to be used again and again.
///
/// It writes and does not watch over the grammar: the names, braces and commas are constants that
/// its users encode once ([#ascii]) and write as they are. Whatever comes in, what goes out is valid
/// UTF-8. Nothing is allocated but for growth.
///
/// Not thread-safe.
public final class JsonWriter {
    /// A buffer that has grown beyond this is given up at [#reset], so that one large frame does not
    /// stay in memory for ever.
    private static final int LARGEST_KEPT_BYTES = 1 << 20;

    private static final int INITIAL_BYTES = 512;
    private static final byte[] TRUE = ascii("true");
    private static final byte[] FALSE = ascii("false");
    private static final byte[] NULL = ascii("null");
    private static final byte[] SMALLEST_LONG = ascii(Long.toString(Long.MIN_VALUE));
    private static final byte[] HEX = ascii("0123456789abcdef");

    private static final long HUNDRED_MILLION = 100_000_000;
    private static final long[] POWERS_OF_TEN = new long[19];
    /// The digits of the numbers below a hundred.
    private static final byte[] TENS = new byte[100];

    private static final byte[] ONES = new byte[100];

    static {
        POWERS_OF_TEN[0] = 1;
        for (int i = 1; i < POWERS_OF_TEN.length; i++) {
            POWERS_OF_TEN[i] = POWERS_OF_TEN[i - 1] * 10;
        }
        for (int i = 0; i < 100; i++) {
            TENS[i] = (byte) ('0' + i / 10);
            ONES[i] = (byte) ('0' + i % 10);
        }
    }

    private byte[] bytes;
    private int length;

    public JsonWriter() {
        this(INITIAL_BYTES);
    }

    public JsonWriter(int initialBytes) {
        bytes = new byte[initialBytes];
    }

    /// Encodes text that is all ASCII, once, to be written many times with [#raw].
    public static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /// The buffer itself: valid up to [#length], and only until the next write.
    public byte[] array() {
        return bytes;
    }

    /// How many bytes have been written.
    public int length() {
        return length;
    }

    /// Empties the buffer.
    public void reset() {
        length = 0;
        if (bytes.length > LARGEST_KEPT_BYTES) {
            bytes = new byte[INITIAL_BYTES];
        }
    }

    /// A copy of what has been written.
    public byte[] toByteArray() {
        return Arrays.copyOf(bytes, length);
    }

    /// What has been written, as text.
    @Override
    public String toString() {
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /// Writes one ASCII character as it is.
    public JsonWriter raw(char character) {
        ensure(1);
        bytes[length++] = (byte) character;
        return this;
    }

    /// Writes bytes as they are.
    public JsonWriter raw(byte[] source) {
        return raw(source, 0, source.length);
    }

    /// Writes bytes as they are.
    public JsonWriter raw(byte[] source, int from, int to) {
        int count = to - from;
        ensure(count);
        System.arraycopy(source, from, bytes, length, count);
        length += count;
        return this;
    }

    /// Writes a number.
    public JsonWriter number(long value) {
        if (value == Long.MIN_VALUE) {
            return raw(SMALLEST_LONG);
        }
        int digits = digitsOf(value);
        ensure(digits);
        if (value < 0) {
            bytes[length] = '-';
        }
        int at = length + digits;
        long rest = value < 0 ? -value : value;
        // Pages and deliveries are full of numbers, and divisions of long are dear: so it is split into ints, of which
        // each division gives two digits.
        while (rest >= HUNDRED_MILLION) {
            long higher = rest / HUNDRED_MILLION;
            int lower = (int) (rest - higher * HUNDRED_MILLION);
            for (int i = 0; i < 4; i++) {
                int hundreds = lower / 100;
                at = pair(lower - hundreds * 100, at);
                lower = hundreds;
            }
            rest = higher;
        }
        int small = (int) rest;
        while (small >= 100) {
            int hundreds = small / 100;
            at = pair(small - hundreds * 100, at);
            small = hundreds;
        }
        if (small >= 10) {
            pair(small, at);
        } else {
            bytes[at - 1] = (byte) ('0' + small);
        }
        length += digits;
        return this;
    }

    /// Writes two digits in front of a place, and answers where they begin.
    private int pair(int number, int end) {
        bytes[end - 1] = ONES[number];
        bytes[end - 2] = TENS[number];
        return end - 2;
    }

    /// Writes a number, or `null`.
    public JsonWriter number(@Nullable Long value) {
        return value == null ? raw(NULL) : number(value.longValue());
    }

    /// Writes `true` or `false`.
    public JsonWriter bool(boolean value) {
        return raw(value ? TRUE : FALSE);
    }

    /// Writes a string with its quotes, or `null`. Quotes, backslashes and control characters are
    /// escaped; half a surrogate pair, which UTF-8 cannot say, becomes U+FFFD.
    public JsonWriter string(@Nullable String text) {
        if (text == null) {
            return raw(NULL);
        }
        int count = text.length();
        ensure(count + 2);
        byte[] out = bytes;
        int at = length;
        out[at++] = '"';
        int i = 0;
        while (i < count) {
            char c = text.charAt(i);
            if (c >= 0x80 || c < ' ' || c == '"' || c == '\\') {
                break;
            }
            out[at++] = (byte) c;
            i++;
        }
        length = at;
        if (i < count) {
            escaped(text, i);
        }
        return raw('"');
    }

    private void escaped(String text, int from) {
        int count = text.length();
        for (int i = from; i < count; i++) {
            ensure(6);
            char c = text.charAt(i);
            if (c < ' ') {
                control(c);
            } else if (c < 0x80) {
                if (c == '"' || c == '\\') {
                    bytes[length++] = '\\';
                }
                bytes[length++] = (byte) c;
            } else if (c < 0x800) {
                bytes[length++] = (byte) (0xC0 | (c >> 6));
                bytes[length++] = (byte) (0x80 | (c & 0x3F));
            } else if (!Character.isSurrogate(c)) {
                threeBytes(c);
            } else if (isPairAt(text, i)) {
                int codePoint = Character.toCodePoint(c, text.charAt(++i));
                bytes[length++] = (byte) (0xF0 | (codePoint >> 18));
                bytes[length++] = (byte) (0x80 | ((codePoint >> 12) & 0x3F));
                bytes[length++] = (byte) (0x80 | ((codePoint >> 6) & 0x3F));
                bytes[length++] = (byte) (0x80 | (codePoint & 0x3F));
            } else {
                threeBytes('\uFFFD');
            }
        }
    }

    private void threeBytes(char c) {
        bytes[length++] = (byte) (0xE0 | (c >> 12));
        bytes[length++] = (byte) (0x80 | ((c >> 6) & 0x3F));
        bytes[length++] = (byte) (0x80 | (c & 0x3F));
    }

    private void control(char c) {
        bytes[length++] = '\\';
        byte letter = shortEscape(c);
        if (letter != 0) {
            bytes[length++] = letter;
        } else {
            bytes[length++] = 'u';
            bytes[length++] = '0';
            bytes[length++] = '0';
            bytes[length++] = HEX[c >> 4];
            bytes[length++] = HEX[c & 0xF];
        }
    }

    /// The letter after the backslash, or 0 where there is none.
    private static byte shortEscape(char c) {
        return switch (c) {
            case '\b' -> 'b';
            case '\t' -> 't';
            case '\n' -> 'n';
            case '\f' -> 'f';
            case '\r' -> 'r';
            default -> 0;
        };
    }

    private static boolean isPairAt(String text, int i) {
        return Character.isHighSurrogate(text.charAt(i))
                && i + 1 < text.length()
                && Character.isLowSurrogate(text.charAt(i + 1));
    }

    /// How many bytes [#string] writes for the text.
    public static int stringBytes(String text) {
        int count = text.length();
        int size = count + 2;
        for (int i = 0; i < count; i++) {
            char c = text.charAt(i);
            if (c < ' ') {
                size += shortEscape(c) != 0 ? 1 : 5;
            } else if (c == '"' || c == '\\') {
                size++;
            } else if (c >= 0x80) {
                if (c >= 0x800) {
                    size += 2;
                    if (isPairAt(text, i)) {
                        i++;
                    }
                } else {
                    size++;
                }
            }
        }
        return size;
    }

    /// How many bytes [#number(long)] writes for the value.
    public static int digitsOf(long value) {
        if (value < 0) {
            return value == Long.MIN_VALUE ? SMALLEST_LONG.length : 1 + digitsOf(-value);
        }
        // A bit is worth 0.30103 digits, which is 1233 / 4096 and a little less.
        int least = ((Long.SIZE - Long.numberOfLeadingZeros(value | 1)) * 1233) >> 12;
        return value >= POWERS_OF_TEN[least] ? least + 1 : Math.max(1, least);
    }

    private void ensure(int more) {
        if (bytes.length - length < more) {
            // Math.addExact: a buffer of more than 2 GiB is a fault of ours, not a wrap-around.
            int needed = Math.addExact(length, more);
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(bytes.length * 2L, Integer.MAX_VALUE - 8)));
        }
    }
}
