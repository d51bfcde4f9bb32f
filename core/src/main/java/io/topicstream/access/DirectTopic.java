package io.topicstream.access;

import io.topicstream.log.TopicName;
import org.jspecify.annotations.Nullable;

/// The topic of two users, their chat: `dm:` + one id + `~` + the other, in the order of their characters, so that
/// both name the same one. An id has neither `:` nor `~`, and any two ids fit into a name. A user has one with
/// itself too, for notes.
///
/// @param first the user whose id comes first
/// @param second the other one; the same in the chat with oneself
public record DirectTopic(String first, String second) {
    /// Their namespace.
    public static final String NAMESPACE = "dm";
    /// What their names begin with.
    public static final String PREFIX = NAMESPACE + ":";

    private static final char BETWEEN = '~';

    /// @throws IllegalArgumentException if one of them is no id, or they stand in the other order
    public DirectTopic {
        if (!Identity.isValidId(first) || !Identity.isValidId(second) || first.compareTo(second) > 0) {
            throw new IllegalArgumentException("not the topic of two users: " + first + ", " + second);
        }
    }

    /// The topic of these two, in any order.
    ///
    /// @throws IllegalArgumentException if one of them is no id ([Identity#isValidId])
    public static DirectTopic of(String user, String other) {
        return user.compareTo(other) <= 0 ? new DirectTopic(user, other) : new DirectTopic(other, user);
    }

    /// The two users of a topic, or null where it is not the topic of two users; so it is too where the name only
    /// begins like one.
    public static @Nullable DirectTopic orNull(TopicName topic) {
        String name = topic.value();
        int between = between(name);
        return between < 0
                ? null
                : new DirectTopic(name.substring(PREFIX.length(), between), name.substring(between + 1));
    }

    /// Whether it is the topic of two users of whom this is one. Makes nothing: it is asked for each message.
    public static boolean isOf(TopicName topic, String user) {
        String name = topic.value();
        int between = between(name);
        return between >= 0
                && (isAt(name, PREFIX.length(), between, user) || isAt(name, between + 1, name.length(), user));
    }

    /// Where the `~` stands in a name that is well formed, or −1.
    private static int between(String name) {
        if (!name.startsWith(PREFIX)) {
            return -1;
        }
        int between = name.indexOf(BETWEEN);
        return between >= 0
                        && Identity.isValidId(name, PREFIX.length(), between)
                        && Identity.isValidId(name, between + 1, name.length())
                        && isSorted(name, PREFIX.length(), between)
                ? between
                : -1;
    }

    private static boolean isSorted(String name, int from, int between) {
        int length = Math.min(between - from, name.length() - between - 1);
        for (int i = 0; i < length; i++) {
            int order = name.charAt(from + i) - name.charAt(between + 1 + i);
            if (order != 0) {
                return order < 0;
            }
        }
        return between - from <= name.length() - between - 1;
    }

    private static boolean isAt(String name, int from, int to, String user) {
        return to - from == user.length() && name.startsWith(user, from);
    }

    /// The name of the topic.
    public TopicName name() {
        return new TopicName(PREFIX + first + BETWEEN + second);
    }

    /// The one with whom this user has the topic; oneself in the chat with oneself.
    ///
    /// @throws IllegalArgumentException if it is not this user's
    public String other(String user) {
        if (!user.equals(first) && !user.equals(second)) {
            throw new IllegalArgumentException("it is not the topic of " + user);
        }
        return user.equals(first) ? second : first;
    }
}
