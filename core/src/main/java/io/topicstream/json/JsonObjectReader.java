package io.topicstream.json;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
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
/// A reader is made once, by a [Builder] that knows its members, and used again and again; its
/// answers are about the last object read and point into that text. Nothing is allocated for members
/// that are known and written without escapes in their names. Not thread-safe.
///
/// ```java
/// var members = new JsonObjectReader.Builder();
/// var limit = members.add("limit");
/// var message = members.add("message", JsonObjectReader.Trait.PAYLOAD);
/// var reader = members.build();
/// if (!reader.read(body, 0, body.length)) {
///     refuse(reader.problem());
/// }
/// long most = reader.has(limit) ? reader.integer(limit) : 50;
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

    /// One of the members that a reader knows, and what everything about it is asked by. Made by a
    /// [Builder].
    ///
    /// @param index its place in the tables of a reader
    public record Member(String name, int index) {}

    /// What is different about a member.
    public enum Trait {
        /// It goes through as it came: inside, only the form of JSON and the depth count, and `null` is given.
        PAYLOAD,
        /// It is an array of objects that a reader of their own reads ([#elements]): here, only its form counts.
        LIST,
        /// Its name is taken in upper and lower case alike.
        ANY_CASE
    }

    /// Makes readers: hands out the members, then builds readers that know all members handed out so far. Not
    /// thread-safe while members are added; afterwards, any thread may build.
    public static final class Builder {
        private final List<Member> members = new ArrayList<>();
        private final List<Set<Trait>> traits = new ArrayList<>();

        public Builder() {}

        /// A member of this name, which no other member of this builder has.
        ///
        /// @param name ASCII
        public Member add(String name, Trait... itsTraits) {
            if (members.stream().anyMatch(member -> member.name().equals(name))) {
                throw new IllegalArgumentException("there is a member \"" + name + "\" already");
            }
            Member member = new Member(name, members.size());
            members.add(member);
            traits.add(Set.of(itsTraits));
            return member;
        }

        public JsonObjectReader build() {
            return new JsonObjectReader(members, traits);
        }
    }

    private static final byte[] NOTHING = {};

    // What is known of each member, at its index.
    private final Member[] members;
    private final byte[][] names;
    private final boolean[] payloads;
    private final boolean[] lists;
    private final boolean[] anyCase;

    // Where its value is in the text; its end is 0 if it was not given.
    private final int[] from;
    private final int[] to;
    private final boolean[] escaped;
    private final boolean[] lineBreak;

    private final JsonScanner scanner = new JsonScanner();
    private final List<String> otherNames = new ArrayList<>();
    private byte[] text = NOTHING;
    private @Nullable String problem;

    private JsonObjectReader(List<Member> members, List<Set<Trait>> traits) {
        int count = members.size();
        this.members = members.toArray(Member[]::new);
        this.names = new byte[count][];
        this.payloads = new boolean[count];
        this.lists = new boolean[count];
        this.anyCase = new boolean[count];
        for (int i = 0; i < count; i++) {
            names[i] = JsonWriter.ascii(members.get(i).name());
            payloads[i] = traits.get(i).contains(Trait.PAYLOAD);
            lists[i] = traits.get(i).contains(Trait.LIST);
            anyCase[i] = traits.get(i).contains(Trait.ANY_CASE);
        }
        this.from = new int[count];
        this.to = new int[count];
        this.escaped = new boolean[count];
        this.lineBreak = new boolean[count];
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
            refuse("the member \"" + members[member].name() + "\" stands twice");
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

    // ---- what was read

    @SuppressWarnings("ReferenceEquality") // a member is the one object that its builder handed out
    private int index(Member member) {
        assert members[member.index] == member : "a member of another reader";
        return member.index;
    }

    /// Whether the member was given. One that is `null` was not, unless it is a payload.
    public boolean has(Member member) {
        int index = index(member);
        return to[index] != 0 && (payloads[index] || text[from[index]] != 'n');
    }

    /// What kind of value the member has; only for members that the object names.
    public Kind kind(Member member) {
        return switch (text[from[index(member)]]) {
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
    public int start(Member member) {
        return from[index(member)];
    }

    /// Where the value ends, exclusive.
    public int end(Member member) {
        return to[index(member)];
    }

    /// How many bytes the value has in the text, which is what [#payload] will have.
    public int length(Member member) {
        int index = index(member);
        return to[index] - from[index];
    }

    /// Whether the member's text has escapes.
    public boolean isEscaped(Member member) {
        return escaped[index(member)];
    }

    /// The member's text, or null where it is not a string.
    public @Nullable String string(Member member) {
        int index = index(member);
        if (!has(member) || text[from[index]] != '"') {
            return null;
        }
        int start = from[index] + 1;
        int stop = to[index] - 1;
        return escaped[index]
                ? JsonScanner.decode(text, start, stop)
                : new String(text, start, stop - start, StandardCharsets.UTF_8);
    }

    /// Whether the member is a string of exactly this ASCII text.
    public boolean isText(Member member, byte[] ascii) {
        int index = index(member);
        int start = from[index];
        int stop = to[index];
        if (stop == 0 || text[start] != '"') {
            return false;
        }
        if (escaped[index]) {
            return JsonScanner.decode(text, start + 1, stop - 1).equals(new String(ascii, StandardCharsets.US_ASCII));
        }
        return stop - start - 2 == ascii.length && Arrays.equals(text, start + 1, stop - 1, ascii, 0, ascii.length);
    }

    /// Whether the member is `true`.
    public boolean isTrue(Member member) {
        return has(member) && kind(member) == Kind.TRUE;
    }

    /// The member's value as an exact integer, or [#NOT_AN_INTEGER] for anything else: a negative
    /// number, a fraction, an exponent, a number above 2^63-1, a string of digits.
    public long integer(Member member) {
        int index = index(member);
        return has(member) ? integer(text, from[index], to[index]) : NOT_AN_INTEGER;
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
    public byte[] payload(Member member) {
        byte[] copy = raw(member);
        if (lineBreak[index(member)]) {
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
    public byte[] raw(Member member) {
        int index = index(member);
        return Arrays.copyOfRange(text, from[index], to[index]);
    }

    /// Walks over the elements of a member that is an array, for arrays of small objects.
    ///
    /// @param element told where each element begins and ends in the text, in order
    public void elements(Member member, Element element) {
        int index = index(member);
        if (to[index] == 0 || kind(member) != Kind.ARRAY) {
            throw new IllegalArgumentException("the member is not an array");
        }
        int at = scanner.skipSpace(from[index] + 1);
        while (text[at] != ']') {
            int end = scanner.value(at);
            element.at(at, end);
            at = scanner.skipSpace(end);
            if (text[at] == ',') {
                at = scanner.skipSpace(at + 1);
            }
        }
    }

    /// The member as texts by their names, or null where it is not an object of nothing but strings in which
    /// each name stands once.
    public @Nullable SortedMap<String, String> strings(Member member) {
        if (!has(member) || kind(member) != Kind.OBJECT) {
            return null;
        }
        SortedMap<String, String> strings = new TreeMap<>();
        int at = scanner.skipSpace(from[index(member)] + 1);
        while (text[at] != '}') {
            int nameEnd = scanner.string(at);
            String name = JsonScanner.decode(text, at + 1, nameEnd - 1);
            int start = scanner.colon(nameEnd);
            int end = scanner.value(start);
            if (text[start] != '"' || strings.put(name, JsonScanner.decode(text, start + 1, end - 1)) != null) {
                return null;
            }
            at = scanner.skipSpace(end);
            if (text[at] == ',') {
                at = scanner.skipSpace(at + 1);
            }
        }
        return strings;
    }

    /// The member as lists of texts by their names, or null where it is not an object of nothing but arrays of
    /// strings. Names that are the same but for their case are one, with the values of all.
    ///
    /// @param most of all values together; more are as if it was no such object
    public @Nullable SortedMap<String, List<String>> textsInAnyCase(Member member, int most) {
        return texts(member, most, new TreeMap<>(String.CASE_INSENSITIVE_ORDER));
    }

    /// The same, but names in another case are other names.
    public @Nullable SortedMap<String, List<String>> textsByName(Member member, int most) {
        return texts(member, most, new TreeMap<>());
    }

    private @Nullable SortedMap<String, List<String>> texts(
            Member member, int most, SortedMap<String, List<String>> texts) {
        if (!has(member) || kind(member) != Kind.OBJECT) {
            return null;
        }
        int left = most;
        int at = scanner.skipSpace(from[index(member)] + 1);
        while (text[at] != '}') {
            int nameEnd = scanner.string(at);
            String name = JsonScanner.decode(text, at + 1, nameEnd - 1);
            at = scanner.colon(nameEnd);
            List<String> values = text[at] == '[' ? texts(at, left) : null;
            if (values == null) {
                return null;
            }
            left -= values.size();
            texts.computeIfAbsent(name, _ -> new ArrayList<>()).addAll(values);
            at = scanner.skipSpace(scanner.value(at));
            if (text[at] == ',') {
                at = scanner.skipSpace(at + 1);
            }
        }
        return texts;
    }

    /// The member as texts, or null where it is not an array of at most so many strings and nothing else.
    public @Nullable List<String> texts(Member member, int most) {
        return has(member) && kind(member) == Kind.ARRAY ? texts(from[index(member)], most) : null;
    }

    private @Nullable List<String> texts(int start, int most) {
        List<String> texts = new ArrayList<>();
        int at = scanner.skipSpace(start + 1);
        while (text[at] != ']') {
            int end = scanner.value(at);
            if (text[at] != '"' || texts.size() == most) {
                return null;
            }
            texts.add(JsonScanner.decode(text, at + 1, end - 1));
            at = scanner.skipSpace(end);
            if (text[at] == ',') {
                at = scanner.skipSpace(at + 1);
            }
        }
        return texts;
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
