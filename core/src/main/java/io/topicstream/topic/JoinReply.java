package io.topicstream.topic;

import io.topicstream.log.Extent;
import io.topicstream.log.TopicName;
import org.jspecify.annotations.Nullable;

/// What somebody who joins an audience is told. Called once, on the thread of the listener's lane,
/// before the first message comes.
///
/// Messages follow when the one who joined says `begin`: the position is fixed already, so it can
/// take its time (to store something, to write its own answer first) without missing anything.
public interface JoinReply {
    /// Nothing lies between the client's position and what is delivered.
    long NO_RESET = -1;

    /// The listener is in the audience.
    ///
    /// @param extent of the topic; `nextOffset` is where a subscription from `new` begins
    /// @param commonOffset where the log has another life than the client saw, the last offset that
    ///     both share; else [#NO_RESET]
    /// @param truncated whether messages after the named position are gone
    /// @param begin lets the messages come; to be run once, on the lane's thread
    void onJoined(TopicName topic, Extent extent, long commonOffset, boolean truncated, Runnable begin);

    /// The store cannot say now where the topic stands; the listener is not in the audience.
    void onJoinFailed(TopicName topic, @Nullable Throwable cause);
}
