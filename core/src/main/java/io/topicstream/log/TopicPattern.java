package io.topicstream.log;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Which topics are meant: one by its name, or all whose names begin with what stands before a `*` (`*` alone
/// is every topic).
///
/// @param text the pattern as it is written
public record TopicPattern(String text) {
    /// What a pattern must be, for the eyes of whom it is refused to.
    public static final String RULE = "a topic name, or the beginning of one and '*'";

    /// What a list of patterns must be, likewise.
    public static final String LIST_RULE = "topics and beginnings of topics, such as lobby,orders*";

    /// What the names of chats of two begin with.
    private static final String DIRECT = "dm:";

    public TopicPattern {
        if (!isValid(text)) {
            throw new IllegalArgumentException("a pattern is " + RULE);
        }
    }

    /// Whether the text is a pattern.
    public static boolean isValid(String text) {
        return text.equals("*") || TopicName.isValid(isOpen(text) ? text.substring(0, text.length() - 1) : text);
    }

    /// Patterns with commas between them; null where one of them is wrong.
    public static @Nullable List<TopicPattern> listOrNull(String text) {
        List<String> patterns =
                Arrays.stream(text.split(",", -1)).map(String::strip).toList();
        return patterns.stream().allMatch(TopicPattern::isValid)
                ? patterns.stream().map(TopicPattern::new).toList()
                : null;
    }

    /// Whether it means all topics that begin so.
    public boolean isOpen() {
        return isOpen(text);
    }

    /// Whether the topic is meant.
    public boolean matches(TopicName topic) {
        return matches(text, topic);
    }

    /// Whether what happens in the topic is meant: it matches, and where the topic is reserved the pattern names that
    /// it
    /// is.
    public boolean means(TopicName topic) {
        return matches(topic) && (!topic.isReserved() || (topic.value().startsWith(DIRECT) && text.startsWith(DIRECT)));
    }

    /// Whether the topic is meant by the pattern that is written so.
    public static boolean matches(String pattern, TopicName topic) {
        String name = topic.value();
        return isOpen(pattern) ? name.regionMatches(0, pattern, 0, pattern.length() - 1) : name.equals(pattern);
    }

    private static boolean isOpen(String text) {
        return text.endsWith("*");
    }

    @Override
    public String toString() {
        return text;
    }
}
