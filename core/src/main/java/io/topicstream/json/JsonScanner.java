package io.topicstream.json;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// A strict walk over JSON text (RFC 8259) that converts nothing: it finds where a value ends and
/// notes what its reader may object to.
///
/// Payloads are opaque to us, but what we hand on must be JSON, so every byte is looked at exactly
/// once. Three things are told apart, because they have different consequences: text that is no
/// JSON has no end that could be trusted, so nothing after it can be read; a value that nests too
/// deeply or has a lone surrogate in a string is JSON with a known end, and only whoever owns that
/// value decides whether it will do. The walk is a loop with one bit per open bracket, not a
/// recursion, so that no text can exhaust the thread's stack.
///
/// The text must be valid UTF-8 already. Not thread-safe: an instance is one reader's scratch space.
public final class JsonScanner {
    /// Returned instead of a position where the text is no JSON; [#problem] says why.
    static final int BROKEN = -1;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final long ONES = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;

    private static final byte[] EMPTY = {};
    private static final byte[] TRUE = {'t', 'r', 'u', 'e'};
    private static final byte[] FALSE = {'f', 'a', 'l', 's', 'e'};
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    private byte[] text = EMPTY;
    private int end;
    /// One bit per open bracket, set for an object.
    private long[] open = new long[1];

    private boolean lineBreaks;
    private boolean escapes;
    private boolean loneSurrogate;
    private int deepest;
    private @Nullable String problem;

    /// A scanner of its own for each reader.
    public JsonScanner() {}

    /// Takes the text up to `end`; nothing of it is kept after the next call.
    void take(byte[] newText, int newEnd) {
        text = newText;
        end = newEnd;
        problem = null;
    }

    /// Lets go of the text, so that a scanner at rest holds no buffer.
    void release() {
        text = EMPTY;
        end = 0;
    }

    /// Why the text is no JSON, for the client's eyes; null while it is.
    @Nullable
    public String problem() {
        return problem;
    }

    /// Whether the last value or gap had a line break between its tokens. It is only ever set by a
    /// walk; [#forget] clears it.
    boolean sawLineBreak() {
        return lineBreaks;
    }

    /// Whether a string of the last walk had an escape.
    boolean sawEscape() {
        return escapes;
    }

    /// Whether a string of the last walk had half a surrogate pair, written as an escape.
    boolean sawLoneSurrogate() {
        return loneSurrogate;
    }

    /// How many brackets were open at once in the last walk.
    int deepest() {
        return deepest;
    }

    /// Clears what the walks noted.
    void forget() {
        lineBreaks = false;
        escapes = false;
        loneSurrogate = false;
        deepest = 0;
    }

    /// Returns the position of the next character that is not white space, or the end of the text.
    public int skipSpace(int from) {
        int at = from;
        while (at < end) {
            byte c = text[at];
            if (c > ' ') {
                return at;
            }
            if (c == '\n' || c == '\r') {
                lineBreaks = true;
            } else if (c != ' ' && c != '\t') {
                return at;
            }
            at++;
        }
        return at;
    }

    /// Whether the text goes on at a position; where it must, its end is a problem.
    public boolean hasMore(int at) {
        if (at < end) {
            return true;
        }
        broken("the JSON text ends too early", at);
        return false;
    }

    /// Walks over one value of any kind.
    ///
    /// @param from the position of its first character, white space already skipped
    /// @return the position after its last character, or [#BROKEN]
    int value(int from) {
        int at = from;
        int depth = 0;
        while (true) {
            if (!hasMore(at)) {
                return BROKEN;
            }
            byte c = text[at];
            switch (c) {
                case '"' -> at = string(at);
                case '{' -> {
                    push(depth, true);
                    depth++;
                    at = skipSpace(at + 1);
                    if (at < end && text[at] == '}') {
                        at++;
                        depth--;
                    } else {
                        at = memberName(at);
                        if (at < 0) {
                            return BROKEN;
                        }
                        continue;
                    }
                }
                case '[' -> {
                    push(depth, false);
                    depth++;
                    at = skipSpace(at + 1);
                    if (at < end && text[at] == ']') {
                        at++;
                        depth--;
                    } else {
                        continue;
                    }
                }
                case 't' -> at = literal(at, TRUE);
                case 'f' -> at = literal(at, FALSE);
                case 'n' -> at = literal(at, NULL);
                case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> at = number(at);
                default -> {
                    return broken("no JSON value begins here", at);
                }
            }
            if (at < 0) {
                return BROKEN;
            }
            // After a value: close what ends here, and stop before the next value.
            while (true) {
                if (depth == 0) {
                    return at;
                }
                at = skipSpace(at);
                if (!hasMore(at)) {
                    return BROKEN;
                }
                c = text[at];
                boolean inObject = ((open[(depth - 1) >> 6] >>> (depth - 1)) & 1) != 0;
                if (c == ',') {
                    at = skipSpace(at + 1);
                    if (inObject) {
                        at = memberName(at);
                        if (at < 0) {
                            return BROKEN;
                        }
                    }
                    break;
                }
                if (c != (inObject ? '}' : ']')) {
                    return broken(inObject ? "expected ',' or '}'" : "expected ',' or ']'", at);
                }
                at++;
                depth--;
            }
        }
    }

    /// Walks over a member's name, its colon and the white space around it.
    ///
    /// @return the position where its value should begin, or [#BROKEN]
    private int memberName(int from) {
        if (from >= end || text[from] != '"') {
            return broken("expected a member's name in double quotes", from);
        }
        int at = string(from);
        return at < 0 ? BROKEN : colon(at);
    }

    /// Walks over the colon after a member's name and the white space around it.
    int colon(int from) {
        int at = skipSpace(from);
        if (at >= end || text[at] != ':') {
            return broken("expected ':' after a member's name", at);
        }
        return skipSpace(at + 1);
    }

    /// Walks over a string.
    ///
    /// @param from the position of its opening quote
    /// @return the position after its closing quote, or [#BROKEN]
    int string(int from) {
        byte[] in = text;
        int at = from + 1;
        while (true) {
            at = plainEnd(in, at);
            if (at >= end) {
                return broken("a string has no end", from);
            }
            byte c = in[at];
            if (c == '"') {
                return at + 1;
            }
            if (c != '\\') {
                return broken("a control character in a string must be escaped", at);
            }
            escapes = true;
            at = escape(at);
            if (at < 0) {
                return BROKEN;
            }
        }
    }

    /// The first position at or after `from` with a quote, a backslash or a control character, or
    /// the end. Eight bytes at a time: within a word the lowest flagged byte is exact (a borrow can
    /// only mark bytes above a true one), and the lowest is the one wanted.
    private int plainEnd(byte[] in, int from) {
        int at = from;
        int lastWord = end - Long.BYTES;
        while (at <= lastWord) {
            long word = (long) LONGS.get(in, at);
            long quote = word ^ ('"' * ONES);
            long backslash = word ^ ('\\' * ONES);
            long found = ((quote - ONES) & ~quote) | ((backslash - ONES) & ~backslash) | ((word - ' ' * ONES) & ~word);
            found &= HIGH_BITS;
            if (found != 0) {
                return at + (Long.numberOfTrailingZeros(found) >>> 3);
            }
            at += Long.BYTES;
        }
        while (at < end) {
            byte c = in[at];
            if (c == '"' || c == '\\' || (c >= 0 && c < ' ')) {
                return at;
            }
            at++;
        }
        return at;
    }

    /// Walks over an escape, and over the second half of a surrogate pair with its first.
    private int escape(int from) {
        if (from + 1 >= end) {
            return broken("a string has no end", from);
        }
        return switch (text[from + 1]) {
            case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> from + 2;
            case 'u' -> unicodeEscape(from);
            default -> broken("a string has an escape that JSON does not know", from);
        };
    }

    private int unicodeEscape(int from) {
        int unit = hex(text, from + 2, end);
        if (unit < 0) {
            return broken("a \\u escape has four hexadecimal digits", from);
        }
        int next = from + 6;
        if (unit < Character.MIN_SURROGATE || unit > Character.MAX_SURROGATE) {
            return next;
        }
        boolean escapeFollows = next + 1 < end && text[next] == '\\' && text[next + 1] == 'u';
        if (unit <= Character.MAX_HIGH_SURROGATE && escapeFollows) {
            int second = hex(text, next + 2, end);
            if (second >= Character.MIN_LOW_SURROGATE && second <= Character.MAX_LOW_SURROGATE) {
                return next + 6;
            }
        }
        loneSurrogate = true;
        return next;
    }

    /// Reads four hexadecimal digits, or returns -1.
    private static int hex(byte[] in, int from, int end) {
        if (from + 4 > end) {
            return -1;
        }
        int value = 0;
        for (int i = from; i < from + 4; i++) {
            int digit = in[i] < 0 ? -1 : Character.digit(in[i], 16);
            if (digit < 0) {
                return -1;
            }
            value = (value << 4) | digit;
        }
        return value;
    }

    private int number(int from) {
        int at = from;
        if (text[at] == '-') {
            at++;
        }
        int digits = at;
        at = digits(at);
        if (at == digits || (text[digits] == '0' && at > digits + 1)) {
            return broken("a number is not written as JSON has it", from);
        }
        if (at < end && text[at] == '.') {
            int fraction = at + 1;
            at = digits(fraction);
            if (at == fraction) {
                return broken("a number is not written as JSON has it", from);
            }
        }
        if (at < end && (text[at] == 'e' || text[at] == 'E')) {
            at++;
            if (at < end && (text[at] == '+' || text[at] == '-')) {
                at++;
            }
            int exponent = at;
            at = digits(exponent);
            if (at == exponent) {
                return broken("a number is not written as JSON has it", from);
            }
        }
        return at;
    }

    private int digits(int from) {
        int at = from;
        while (at < end && text[at] >= '0' && text[at] <= '9') {
            at++;
        }
        return at;
    }

    private int literal(int from, byte[] word) {
        int to = from + word.length;
        if (to > end || !Arrays.equals(text, from, to, word, 0, word.length)) {
            return broken("no JSON value begins here", from);
        }
        return to;
    }

    private void push(int depth, boolean object) {
        int word = depth >> 6;
        if (word == open.length) {
            open = Arrays.copyOf(open, open.length * 2);
        }
        long bit = 1L << depth;
        open[word] = object ? open[word] | bit : open[word] & ~bit;
        if (depth >= deepest) {
            deepest = depth + 1;
        }
    }

    /// Notes why the text is no JSON.
    int broken(String why, int at) {
        problem = why + " (at byte " + at + ")";
        return BROKEN;
    }

    /// Decodes the string between two positions (its quotes not included), which a walk has found
    /// valid. A lone surrogate becomes what Java has for it: a lone surrogate.
    static String decode(byte[] text, int from, int to) {
        StringBuilder out = new StringBuilder(to - from);
        int at = from;
        while (at < to) {
            int plain = at;
            while (at < to && text[at] != '\\') {
                at++;
            }
            if (at > plain) {
                out.append(new String(text, plain, at - plain, StandardCharsets.UTF_8));
            }
            if (at < to) {
                byte c = text[at + 1];
                if (c == 'u') {
                    out.append((char) hex(text, at + 2, to));
                    at += 6;
                } else {
                    out.append(
                            switch (c) {
                                case 'b' -> '\b';
                                case 'f' -> '\f';
                                case 'n' -> '\n';
                                case 'r' -> '\r';
                                case 't' -> '\t';
                                default -> (char) c;
                            });
                    at += 2;
                }
            }
        }
        return out.toString();
    }
}
