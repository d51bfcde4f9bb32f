package io.topicstream.log;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What is said about a message beside its payload: a few names with a text each, in the order of their names.
///
/// A name is lower case, so that it stays one name where a transport does not tell capitals from small letters.
/// Names that begin with `_` are the server's: it says with them what it knew of the publisher at the time of
/// sending. Clients neither give them nor see them as headers, and they do not count for a publisher's limits.
/// Never changes.
public final class Headers {
    /// No headers: what most messages have.
    public static final Headers NONE = new Headers(new String[0]);

    /// The most headers that a publisher gives one message.
    public static final int MAX_COUNT = 16;
    /// The most headers that a message may have with those of the server.
    public static final int MAX_STORED_COUNT = MAX_COUNT + 8;
    /// The longest name, in characters.
    public static final int MAX_NAME_LENGTH = 64;
    /// What all names and values that a publisher gives a message may take together, in bytes of UTF-8.
    public static final int MAX_BYTES = 4 * 1024;

    /// Of the server: the display name that the publisher had.
    public static final String NAME = "_name";
    /// Of the server: the id that the publisher gave for itself, where it is shown by another one.
    public static final String AS = "_as";
    /// Of the server: which message it is about, and how ([About]).
    public static final String ABOUT = "_about";

    private static final char OF_SERVER = '_';
    private static final String NAME_RULE =
            "a header's name is 1 to " + MAX_NAME_LENGTH + " characters of a-z 0-9 . _ -";

    /// Name and value in turn, by name.
    private final String[] pairs;

    private Headers(String[] pairs) {
        this.pairs = pairs;
    }

    /// The headers with these names and values, as a publisher gives them.
    ///
    /// @throws IllegalArgumentException with the [#excess] or the [#fault], if there is one
    public static Headers of(Map<String, String> headers) {
        String excess = excess(headers);
        String problem = excess == null ? fault(headers) : excess;
        if (problem != null) {
            throw new IllegalArgumentException(problem);
        }
        return sorted(headers);
    }

    /// The headers of a message as an engine kept them, those of the server among them.
    ///
    /// @throws IllegalArgumentException if these cannot have been kept
    public static Headers kept(Map<String, String> headers) {
        if (headers.size() > MAX_STORED_COUNT) {
            throw new IllegalArgumentException("a message has at most " + MAX_STORED_COUNT + " headers");
        }
        headers.forEach(Headers::check);
        return sorted(headers);
    }

    /// The same with one of the server's, in place of that of this name.
    ///
    /// @param name which begins with `_`
    public Headers with(String name, String value) {
        if (!isServers(name)) {
            throw new IllegalArgumentException("the server's headers begin with " + OF_SERVER);
        }
        if (pairs.length == 0) {
            check(name, value);
            return new Headers(new String[] {name, value});
        }
        Map<String, String> all = toMap();
        all.put(name, value);
        return kept(all);
    }

    private static void check(String name, String value) {
        String wrong = isName(name) ? valueFault(name, value) : NAME_RULE;
        if (wrong != null) {
            throw new IllegalArgumentException(wrong);
        }
    }

    private static Headers sorted(Map<String, String> headers) {
        if (headers.isEmpty()) {
            return NONE;
        }
        String[] pairs = new String[2 * headers.size()];
        int at = 0;
        for (Map.Entry<String, String> header : new TreeMap<>(headers).entrySet()) {
            pairs[at++] = header.getKey();
            pairs[at++] = header.getValue();
        }
        return new Headers(pairs);
    }

    /// Which of these cannot be a publisher's header, for the client's eyes; null where all can.
    public static @Nullable String fault(Map<String, String> headers) {
        for (Map.Entry<String, String> header : headers.entrySet()) {
            String name = header.getKey();
            if (!isName(name)) {
                return NAME_RULE;
            }
            if (isServers(name)) {
                return "a header's name does not begin with " + OF_SERVER + ": such names are the server's";
            }
            String wrong = valueFault(name, header.getValue());
            if (wrong != null) {
                return wrong;
            }
        }
        return null;
    }

    private static @Nullable String valueFault(String name, String value) {
        return isValue(value) ? null : "the header \"" + name + "\" has a control character or half a surrogate pair";
    }

    private static boolean isServers(String name) {
        return !name.isEmpty() && name.charAt(0) == OF_SERVER;
    }

    /// Why these are too much for one message, for the client's eyes; null where they are not.
    public static @Nullable String excess(Map<String, String> headers) {
        if (headers.size() > MAX_COUNT) {
            return "a message has at most " + MAX_COUNT + " headers";
        }
        long bytes = 0;
        for (Map.Entry<String, String> header : headers.entrySet()) {
            bytes += header.getKey().getBytes(StandardCharsets.UTF_8).length
                    + header.getValue().getBytes(StandardCharsets.UTF_8).length;
        }
        return bytes > MAX_BYTES ? "the headers of a message have at most " + MAX_BYTES + " bytes together" : null;
    }

    private static boolean isName(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME_LENGTH) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            boolean isAllowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
            if (!isAllowed) {
                return false;
            }
        }
        return true;
    }

    static boolean isValue(String text) {
        return text.codePoints().noneMatch(c -> Character.isISOControl(c) || isHalfAPair(c));
    }

    /// Half a surrogate pair is a code point of its own.
    private static boolean isHalfAPair(int codePoint) {
        return codePoint >= Character.MIN_SURROGATE && codePoint <= Character.MAX_SURROGATE;
    }

    public boolean isEmpty() {
        return pairs.length == 0;
    }

    /// Whether one of them, from 0 on, is the server's and not the publisher's.
    public boolean isServers(int index) {
        return isServers(name(index));
    }

    /// How many there are.
    public int count() {
        return pairs.length / 2;
    }

    /// The name of one of them, from 0 on, in their order.
    public String name(int index) {
        return pairs[2 * index];
    }

    /// The value of one of them, from 0 on, in their order.
    public String value(int index) {
        return pairs[2 * index + 1];
    }

    /// The value under this name, or null.
    public @Nullable String get(String name) {
        for (int i = 0; i < pairs.length; i += 2) {
            if (pairs[i].equals(name)) {
                return pairs[i + 1];
            }
        }
        return null;
    }

    /// The same as a map of its own.
    public SortedMap<String, String> toMap() {
        TreeMap<String, String> map = new TreeMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put(pairs[i], pairs[i + 1]);
        }
        return map;
    }

    /// About how many bytes they hold, for the bounds of pages and queues.
    int sizeBytes() {
        int bytes = 0;
        for (String text : pairs) {
            // With quotes and a mark beside it, as it is written down for clients.
            bytes += text.length() + 3;
        }
        return bytes;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Headers that && Arrays.equals(pairs, that.pairs);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(pairs);
    }

    @Override
    public String toString() {
        return toMap().toString();
    }
}
