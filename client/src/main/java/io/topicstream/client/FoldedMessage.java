package io.topicstream.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A message with what was said about it later.
///
/// @param message with the payload of its last edit, if it was edited
/// @param edited its last edit, or null
/// @param reactions in the order in which their values came; the server tells at most 50
/// @param replies how many replies it has, as far as they are counted
/// @param lastReply the offset of the last one; 0 without replies
public record FoldedMessage(
        ReceivedMessage message, @Nullable Edit edited, List<Reaction> reactions, int replies, long lastReply) {
    public FoldedMessage {
        reactions = List.copyOf(reactions);
    }

    /// The last edit of a message.
    ///
    /// @param timestamp epoch milliseconds
    public record Edit(long offset, long timestamp) {}

    /// What some have reacted with.
    ///
    /// @param count of users
    /// @param users some of them, those who came first
    /// @param mine whether this client's user is one of them
    public record Reaction(String value, int count, List<String> users, boolean mine) {
        public Reaction {
            users = List.copyOf(users);
        }
    }
}
