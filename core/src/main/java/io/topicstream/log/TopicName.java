package io.topicstream.log;

import org.jspecify.annotations.Nullable;

/// The name of a topic: 1 to 200 characters of `A–Z a–z 0–9 . _ : ~ @ + -`, not starting with `.`.
///
/// The alphabet is small on purpose: a name is never a path, needs no escaping in a URL segment,
/// a JSON string or a log line, and two names that look alike are alike.
///
/// @param value the name itself
public record TopicName(String value) implements Comparable<TopicName> {
    /// The longest name, in characters (which are bytes too).
    public static final int MAX_LENGTH = 200;
    /// What a name must be, for the eyes of whom it is refused to.
    public static final String RULE = "a topic name is 1 to " + MAX_LENGTH
            + " characters of A-Z a-z 0-9 . _ : ~ @ + - and does not start with '.'";

    private static final boolean[] ALLOWED = new boolean[128];

    static {
        for (char c = 'a'; c <= 'z'; c++) {
            ALLOWED[c] = true;
            ALLOWED[Character.toUpperCase(c)] = true;
        }
        for (char c = '0'; c <= '9'; c++) {
            ALLOWED[c] = true;
        }
        for (char c : "._:~@+-".toCharArray()) {
            ALLOWED[c] = true;
        }
    }

    public TopicName {
        if (!isValid(value)) {
            throw new IllegalArgumentException(RULE);
        }
    }

    /// Returns the name, or null where the text is no valid one: what a client may get wrong is an
    /// answer, not an exception.
    public static @Nullable TopicName orNull(String text) {
        return isValid(text) ? new TopicName(text) : null;
    }

    /// Whether the text is a valid name.
    public static boolean isValid(String text) {
        int length = text.length();
        if (length == 0 || length > MAX_LENGTH || text.charAt(0) == '.') {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (!isAllowed(text.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /// Whether the character may stand in a name.
    public static boolean isAllowed(int character) {
        return character >= 0 && character < 128 && ALLOWED[character];
    }

    /// The part before the first `:`, or the empty text where there is none. Policies are chosen by
    /// it, and `dm` and `sys` are reserved.
    public String namespace() {
        int colon = value.indexOf(':');
        return colon < 0 ? "" : value.substring(0, colon);
    }

    /// Whether the topic belongs to the system (`sys:`) or to two users (`dm:`).
    public boolean isReserved() {
        return value.startsWith("sys:") || value.startsWith("dm:");
    }

    @Override
    public int compareTo(TopicName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
