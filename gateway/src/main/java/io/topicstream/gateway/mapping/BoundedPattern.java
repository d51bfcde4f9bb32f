package io.topicstream.gateway.mapping;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A regular expression that gives up: Java's may look at a text of 40 characters for years. Immutable,
/// thread-safe.
public final class BoundedPattern {
    /// The most characters of an expression.
    static final int MAX_CHARS = 4_096;

    /// How often each character of the text may be looked at on average, beside a fixed number.
    private static final int LOOKS_A_CHAR = 64;

    private static final long FREE_LOOKS = 100_000;

    private final Pattern pattern;

    private BoundedPattern(Pattern pattern) {
        this.pattern = pattern;
    }

    /// Parses one.
    ///
    /// @throws IllegalArgumentException with a sentence, if it is no pattern, or too long
    public static BoundedPattern of(String expression) {
        if (expression.length() > MAX_CHARS) {
            throw new IllegalArgumentException("A regular expression has at most " + MAX_CHARS + " characters.");
        }
        try {
            return new BoundedPattern(Pattern.compile(expression));
        } catch (PatternSyntaxException | StackOverflowError e) {
            throw new IllegalArgumentException("This is not a regular expression: " + expression, e);
        }
    }

    /// Whether it matches a whole text.
    ///
    /// @throws GaveUpException if that takes too long to find out
    public boolean matches(String text) throws GaveUpException {
        return ask(matcher(text), true);
    }

    /// Whether it matches somewhere in a text.
    ///
    /// @param looks how often characters may still be looked at, the first element; shared by all patterns
    ///     of one check
    /// @throws GaveUpException if that takes too long to find out
    boolean finds(String text, long[] looks) throws GaveUpException {
        return ask(pattern.matcher(new Watched(text, looks)), false);
    }

    /// A matcher of a text. What it is asked may throw [GaveUp], or overflow the stack.
    Matcher matcher(String text) {
        return pattern.matcher(new Watched(text, new long[] {FREE_LOOKS + (long) LOOKS_A_CHAR * text.length()}));
    }

    private static boolean ask(Matcher matcher, boolean whole) throws GaveUpException {
        try {
            return whole ? matcher.matches() : matcher.find();
        } catch (GaveUp | StackOverflowError e) {
            throw new GaveUpException();
        }
    }

    /// It took too long, or too much of the stack.
    public static final class GaveUpException extends Exception {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        GaveUpException() {
            super("a regular expression took too long", null, false, false);
        }
    }

    /// The same, thrown through the matcher.
    static final class GaveUp extends RuntimeException {
        @java.io.Serial
        private static final long serialVersionUID = 1;

        GaveUp() {
            super("a regular expression took too long", null, false, false);
        }
    }

    /// A text that counts how often it is looked at.
    private record Watched(CharSequence text, long[] left) implements CharSequence {
        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (--left[0] < 0) {
                throw new GaveUp();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.subSequence(start, end);
        }

        @Override
        public String toString() {
            return text.toString();
        }
    }
}
