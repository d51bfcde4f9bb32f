package io.topicstream.people;

import io.topicstream.log.TopicName;
import java.util.Map;
import java.util.concurrent.CompletionStage;

/// Where it is told how far a user has come in a topic. In a node acks wait a little to be stored together
/// ([PendingAcks]); a front door without a memory stores each at once ([Receipts]). Thread-safe.
public interface Acks {
    /// What became of an ack.
    enum Taken {
        /// It is stored, or will be where nobody waits for it.
        TAKEN,
        /// There is no room for it, and nothing was done.
        NO_ROOM
    }

    /// Takes one.
    ///
    /// @param acked each of the two only moves what is stored up; above the topic's end it counts as the end
    /// @param isAnswered whether somebody waits until it is stored
    /// @return fails where it could not be stored; trying again is no harm
    CompletionStage<Taken> take(String user, TopicName topic, Progress acked, boolean isAnswered);

    /// What was taken of a user here and may not be stored yet.
    Map<TopicName, Progress> pending(String user);
}
