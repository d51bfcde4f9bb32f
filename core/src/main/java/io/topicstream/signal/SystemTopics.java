package io.topicstream.signal;

import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// The topics on which nodes tell each other what has changed. No client may use them.
public final class SystemTopics {
    /// Where it is told that a credential was revoked.
    public static final TopicName CREDENTIALS = new TopicName("sys:credentials");

    /// Where it is told that a room's owner has said something else of it.
    public static final TopicName ROOMS = new TopicName("sys:rooms");

    /// Where it is written down which connections were opened and closed.
    public static final TopicName CONNECTION_EVENTS = new TopicName("sys:events.connections");

    /// Where it is written down who joined and left topics.
    public static final TopicName PRESENCE_EVENTS = new TopicName("sys:events.presence");

    /// How the names of all topics of dead letters begin.
    public static final String DEAD_LETTERS = "sys:dead.";

    private static final String EVENTS = "sys:events.";

    private static final String USER = "sys:user:";

    private static final String NODE = "sys:node:";

    private static final String PRESENCE = "sys:presence:";

    private SystemTopics() {}

    /// Where it is kept what a sink did not take.
    public static TopicName ofDeadLetters(String sink) {
        return new TopicName(DEAD_LETTERS + sink);
    }

    /// Whether the topic's messages are events: what happened, and what a sink did not take.
    public static boolean hasEvents(TopicName topic) {
        return topic.value().startsWith(EVENTS) || topic.value().startsWith(DEAD_LETTERS);
    }

    /// Where a user's nodes are told of what changes for that user.
    public static TopicName ofUser(String user) {
        return new TopicName(USER + user);
    }

    /// Where a node is spoken to.
    ///
    /// @param tag 0 to 65,535
    public static TopicName ofNode(int tag) {
        return new TopicName(NODE + HexFormat.of().toHexDigits((short) tag));
    }

    /// Where nodes tell each other who comes into a topic and goes. The topic's name is hashed into it, for a name
    /// may be as long as names can be.
    public static TopicName ofPresence(TopicName topic) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-256").digest(topic.value().getBytes(StandardCharsets.US_ASCII));
            return new TopicName(
                    PRESENCE + Base64.getUrlEncoder().withoutPadding().encodeToString(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /// The user whose nodes are told of changes on this topic, or null where it is no such topic.
    public static @Nullable String userOf(TopicName topic) {
        return topic.value().startsWith(USER) ? topic.value().substring(USER.length()) : null;
    }
}
