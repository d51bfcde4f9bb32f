package io.topicstream.people;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.Query;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The port to who is there: which users are in a topic, and which are online, over all devices and nodes.
/// Thread-safe.
///
/// In a process it is a node's own part of it; serverless it is rows beside the log.
public interface Presence {
    /// One connection, as others see it.
    ///
    /// @param user null for an anonymous client without an id; such a connection is a member for itself
    /// @param name as it is shown, or null
    /// @param isForgottenAtOnce whether it has gone as soon as it has ended, or else a little later, so that it may
    ///     come back meanwhile
    record Present(
            String connectionId,
            @Nullable String user,
            @Nullable String name,
            boolean isForgottenAtOnce) {}

    /// A page of a topic's members.
    ///
    /// @param count of all users who are in it
    /// @param next after which the list goes on, or null at the end
    record Members(
            List<Query.Member> members,
            long count,
            @Nullable String next) {}

    /// How many are in a topic. A user who is connected to two nodes may count twice where neither is this one.
    record Crowd(TopicName topic, long users, long connections) {}

    /// A page of the topics in which somebody is, by name.
    ///
    /// @param next after which the list goes on, or null at the end
    record Crowds(List<Crowd> crowds, @Nullable String next) {}

    /// A connection has begun.
    void opened(Present who);

    /// A connection has ended: it leaves all topics too.
    void closed(Present who);

    /// The connection is in the topic from now on. Without effect where it is in it.
    void enter(TopicName topic, Present who);

    /// It is in the topic no longer, because its client said so.
    void leave(TopicName topic, Present who);

    /// The connection is shown by another name from now on, in all topics.
    void renamed(Present who);

    /// Who is in a topic.
    ///
    /// @param after the `next` of the page before, or empty
    CompletionStage<Members> members(TopicName topic, String after, int limit);

    /// Which of these users are online, in their order.
    CompletionStage<List<Query.OnlineUser>> online(List<String> users);

    /// How many are in a topic; nobody where none is.
    CompletionStage<Crowd> crowd(TopicName topic);

    /// In which topics somebody is.
    ///
    /// @param prefix that the names start with; may be empty
    /// @param after names come strictly after this one; empty to begin at the front
    CompletionStage<Crowds> crowds(String prefix, String after, int limit);
}
