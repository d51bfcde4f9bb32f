package io.topicstream.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Reads one JSON object whose members are known by name: finds each member's value, converts it
/// only when asked, and refuses what two parsers could understand differently.
///
/// The object is the *envelope*, the values in it may be payloads. All of the text is validated in
/// one pass (RFC 8259). In the envelope no name may stand twice, whether we know it or not, and no
/// string may have half a surrogate pair; inside values named as payloads only the form of JSON and
/// a depth of [#MAX_DEPTH] brackets, counted from the value, are asked for. Members whose name is
/// not known are ignored; a member that is `null` counts as not given, unless it is a payload.
///
/// A reader is made once with its names and used again and again; its answers are about the last
/// object read and point into that text. Nothing is allocated for members that are known and
/// written without escapes in their names. Not thread-safe.
///
/// ```java
/// var reader = JsonObjectReader.of("topic", "limit", "message").withPayloads(2);
/// if (!reader.read(body, 0, body.length)) {
///     refuse(reader.problem());
/// }
/// long limit = reader.has(1) ? reader.integer(1) : 50;
/// ```
public final class JsonObjectReader {
    /// How deep a value may nest, in brackets.
    public static final int MAX_DEPTH = 32;
    /// How many members an object may have.
    public static final int MAX_MEMBERS = 64;
    /// Returned by [#integer] for what is no integer from 0 to 2^63-1.
    public static final long NOT_AN_INTEGER = -1;

    /// Kinds of JSON values.
    public enum Kind {
        STRING,
        NUMBER,
        OBJECT,
        ARRAY,
        TRUE,
        FALSE,
        NULL
    }

    private static final byte[] NOTHING = {};

    private final byte[][] names;
    private final boolean[] payloads;
    private final boolean[] lists;
    /// Whether the name at the index matches in any case.
    private final boolean[] anyCase;

    private final int[] from;
    private final int[] to;
    private final boolean[] escaped;
    private final boolean[] lineBreak;

    private final JsonScanner scanner = new JsonScanner();
    private final List<String> otherNames = new ArrayList<>();
    private byte[] text = NOTHING;
    private @Nullable String problem;

    private JsonObjectReader(byte[][] names, boolean[] payloads, boolean[] lists, boolean[] anyCase) {
        this.names = names;
        this.payloads = payloads;
        this.lists = lists;
        this.anyCase = anyCase;
        this.from = new int[names.length];
        this.to = new int[names.length];
        this.escaped = new boolean[names.length];
        this.lineBreak = new boolean[names.length];
    }

    /// A reader for members of these names; everything else about them is asked by their index.
    public static JsonObjectReader of(String... names) {
        byte[][] encoded = new byte[names.length][];
        for (int i = 0; i < names.length; i++) {
            encoded[i] = JsonWriter.ascii(names[i]);
        }
        boolean[] none = new boolean[names.length];
        return new JsonObjectReader(encoded, none, none, none);
    }

    /// The same reader, for which the members at these indexes are payloads.
    public JsonObjectReader withPayloads(int... members) {
        return new JsonObjectReader(names, marked(payloads, members), lists, anyCase);
    }

    /// The same reader, for which the members at these indexes are arrays of objects that a reader
    /// of their own reads ([#elements]): only their form is looked at here.
    public JsonObjectReader withLists(int... members) {
        return new JsonObjectReader(names, payloads, marked(lists, members), anyCase);
    }

    /// The same reader, which takes the names at these indexes in upper and lower case alike.
    public JsonObjectReader withAnyCase(int... members) {
        return new JsonObjectReader(names, payloads, lists, marked(anyCase, members));
    }

    private static boolean[] marked(boolean[] before, int... members) {
        boolean[] marked = before.clone();
        for (int member : members) {
            marked[member] = true;
        }
        return marked;
    }

    /// Reads text that is one object and nothing else.
    ///
    /// @param newText valid UTF-8; it must not change as long as answers are asked for
    /// @return whether it is one; if not, [#problem] says why, and members can still be asked for
    ///     as far as they were found
    public boolean read(byte[] newText, int start, int end) {
        begin(newText, end);
        int at = scanner.skipSpace(start);
        at = at < end ? readValue(at) : broken("there is no JSON text", at);
        if (at >= 0) {
            at = scanner.skipSpace(at);
            if (at < end) {
                broken("something follows the JSON text", at);
            }
        }
        return problem == null;
    }

    /// Takes text of which [#readValue] then reads piece by piece.
    public void begin(byte[] newText, int end) {
        text = newText;
        scanner.take(newText, end);
        scanner.forget();
        clear();
    }

    /// The names of members that are not known, in their order: for who would rather refuse them than ignore them.
    public List<String> otherNames() {
        return List.copyOf(otherNames);
    }

    /// Lets go of the text.
    public void release() {
        text = NOTHING;
        scanner.release();
    }

    public JsonScanner scanner() {
        return scanner;
    }

    /// Why the last object is refused, for the client's eyes; null where it is not.
    public @Nullable String problem() {
        return problem;
    }

    /// Reads the value that begins at a position, which should be an object.
    ///
    /// @return the position after it, with [#problem] set where it is refused; or
    ///     [JsonScanner#BROKEN] where the text is no JSON
    public int readValue(int start) {
        clear();
        if (text[start] != '{') {
            int end = scanner.value(start);
            if (end < 0) {
                return brokenText();
            }
            refuse("expected a JSON object");
            return end;
        }
        int at = scanner.skipSpace(start + 1);
        if (!scanner.hasMore(at)) {
            return brokenText();
        }
        if (text[at] == '}') {
            return at + 1;
        }
        int count = 0;
        while (true) {
            at = readMember(at, ++count);
            if (at < 0) {
                return JsonScanner.BROKEN;
            }
            at = scanner.skipSpace(at);
            if (!scanner.hasMore(at)) {
                return brokenText();
            }
            if (text[at] == '}') {
                return at + 1;
            }
            if (text[at] != ',') {
                return broken("expected ',' or '}'", at);
            }
            at = scanner.skipSpace(at + 1);
            if (!scanner.hasMore(at)) {
                return brokenText();
            }
        }
    }

    private int readMember(int start, int count) {
        if (text[start] != '"') {
            return broken("expected a member's name in double quotes", start);
        }
        scanner.forget();
        int nameEnd = scanner.string(start);
        int at = nameEnd < 0 ? nameEnd : scanner.colon(nameEnd);
        if (at < 0) {
            return brokenText();
        }
        int member = known(start + 1, nameEnd - 1, count);

        scanner.forget();
        int end = scanner.value(at);
        if (end < 0) {
            return brokenText();
        }
        if (member < 0 || !lists[member]) {
            if (scanner.deepest() > MAX_DEPTH) {
                refuse("a value nests more than " + MAX_DEPTH + " deep");
            }
            if (scanner.sawLoneSurrogate() && (member < 0 || !payloads[member])) {
                refuse("a string has half a surrogate pair");
            }
        }
        if (member >= 0) {
            from[member] = at;
            to[member] = end;
            escaped[member] = scanner.sawEscape();
            lineBreak[member] = scanner.sawLineBreak();
        }
        return end;
    }

    /// The index of the name, or -1 for one that is not known. A name that stands twice is refused,
    /// and then the first one counts for what is still asked.
    private int known(int nameFrom, int nameTo, int count) {
        if (scanner.sawEscape()) {
            String name = JsonScanner.decode(text, nameFrom, nameTo);
            if (scanner.sawLoneSurrogate()) {
                refuse("a string has half a surrogate pair");
                return -1;
            }
            byte[] plain = name.getBytes(StandardCharsets.UTF_8);
            int member = indexOf(plain, 0, plain.length);
            return member >= 0 ? once(member) : other(name, count);
        }
        int member = indexOf(text, nameFrom, nameTo);
        return member >= 0
                ? once(member)
                : other(new String(text, nameFrom, nameTo - nameFrom, StandardCharsets.UTF_8), count);
    }

    private int indexOf(byte[] in, int nameFrom, int nameTo) {
        int length = nameTo - nameFrom;
        for (int i = 0; i < names.length; i++) {
            byte[] name = names[i];
            if (name.length == length
                    && (anyCase[i]
                            ? equalsInAnyCase(name, in, nameFrom)
                            : Arrays.equals(name, 0, length, in, nameFrom, nameTo))) {
                return i;
            }
        }
        return -1;
    }

    private static boolean equalsInAnyCase(byte[] name, byte[] in, int at) {
        for (int i = 0; i < name.length; i++) {
            if (lower(name[i]) != lower(in[at + i])) {
                return false;
            }
        }
        return true;
    }

    private static int lower(byte c) {
        return c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c;
    }

    private int once(int member) {
        if (to[member] != 0) {
            refuse("the member \"" + new String(names[member], StandardCharsets.US_ASCII) + "\" stands twice");
            return -1;
        }
        return member;
    }

    private int other(String name, int count) {
        // The bound keeps this search for repeats short, whatever the client sends.
        if (count > MAX_MEMBERS) {
            refuse("an object has more than " + MAX_MEMBERS + " members");
        } else if (otherNames.contains(name)) {
            refuse("a member stands twice");
        } else {
            otherNames.add(name);
        }
        return -1;
    }

    /// Whether the member was given. One that is `null` was not, unless it is a payload.
    public boolean has(int member) {
        return to[member] != 0 && (payloads[member] || text[from[member]] != 'n');
    }

    /// What kind of value the member has; only for members that the object names.
    public Kind kind(int member) {
        return switch (text[from[member]]) {
            case '"' -> Kind.STRING;
            case '{' -> Kind.OBJECT;
            case '[' -> Kind.ARRAY;
            case 't' -> Kind.TRUE;
            case 'f' -> Kind.FALSE;
            case 'n' -> Kind.NULL;
            default -> Kind.NUMBER;
        };
    }

    /// Where the value begins in the text that was read.
    public int start(int member) {
        return from[member];
    }

    /// Where the value ends, exclusive.
    public int end(int member) {
        return to[member];
    }

    /// How many bytes the value has in the text, which is what [#payload] will have.
    public int length(int member) {
        return to[member] - from[member];
    }

    /// Whether the member's text has escapes.
    public boolean isEscaped(int member) {
        return escaped[member];
    }

    /// The member's text, or null where it is not a string.
    public @Nullable String string(int member) {
        if (!has(member) || text[from[member]] != '"') {
            return null;
        }
        int start = from[member] + 1;
        int stop = to[member] - 1;
        return escaped[member]
                ? JsonScanner.decode(text, start, stop)
                : new String(text, start, stop - start, StandardCharsets.UTF_8);
    }

    /// Whether the member is a string of exactly this ASCII text.
    public boolean isText(int member, byte[] ascii) {
        int start = from[member];
        int stop = to[member];
        if (stop == 0 || text[start] != '"') {
            return false;
        }
        if (escaped[member]) {
            return JsonScanner.decode(text, start + 1, stop - 1).equals(new String(ascii, StandardCharsets.US_ASCII));
        }
        return stop - start - 2 == ascii.length && Arrays.equals(text, start + 1, stop - 1, ascii, 0, ascii.length);
    }

    /// The member's value as an exact integer, or [#NOT_AN_INTEGER] for anything else: a negative
    /// number, a fraction, an exponent, a number above 2^63-1, a string of digits.
    public long integer(int member) {
        return has(member) ? integer(text, from[member], to[member]) : NOT_AN_INTEGER;
    }

    private static long integer(byte[] text, int from, int to) {
        if (to - from > 19) {
            return NOT_AN_INTEGER;
        }
        long value = 0;
        for (int i = from; i < to; i++) {
            int digit = text[i] - '0';
            if (digit < 0 || digit > 9) {
                return NOT_AN_INTEGER;
            }
            value = value * 10 + digit;
        }
        // Nineteen digits pass 2^63-1 at most once, and then they are negative.
        return value < 0 ? NOT_AN_INTEGER : value;
    }

    /// A copy of the value as one line of JSON: the bytes as they were sent, each line break between
    /// tokens replaced by one space.
    public byte[] payload(int member) {
        byte[] copy = raw(member);
        if (lineBreak[member]) {
            // Inside of strings a raw line break is no JSON, so all of them stand between tokens.
            for (int i = 0; i < copy.length; i++) {
                if (copy[i] == '\n' || copy[i] == '\r') {
                    copy[i] = ' ';
                }
            }
        }
        return copy;
    }

    /// A copy of the value's bytes.
    public byte[] raw(int member) {
        return Arrays.copyOfRange(text, from[member], to[member]);
    }

    /// Walks over the elements of a member that is an array, for arrays of small objects.
    ///
    /// @param element told where each element begins and ends in the text, in order
    public void elements(int member, Element element) {
        if (to[member] == 0 || kind(member) != Kind.ARRAY) {
            throw new IllegalArgumentException("the member is not an array");
        }
        int at = scanner.skipSpace(from[member] + 1);
        while (text[at] != ']') {
            int end = scanner.value(at);
            element.at(at, end);
            at = scanner.skipSpace(end);
            if (text[at] == ',') {
                at = scanner.skipSpace(at + 1);
            }
        }
    }

    /// Told of an element of an array.
    @FunctionalInterface
    public interface Element {
        void at(int start, int end);
    }

    private void clear() {
        problem = null;
        Arrays.fill(to, 0);
        if (!otherNames.isEmpty()) {
            otherNames.clear();
        }
    }

    private void refuse(String why) {
        if (problem == null) {
            problem = why;
        }
    }

    private int broken(String why, int at) {
        scanner.broken(why, at);
        return brokenText();
    }

    /// What is no JSON outweighs what else is wrong with it.
    private int brokenText() {
        problem = scanner.problem();
        return JsonScanner.BROKEN;
    }
}
