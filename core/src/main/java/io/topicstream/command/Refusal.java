package io.topicstream.command;

import io.topicstream.log.TopicName;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import org.jspecify.annotations.Nullable;

/// Why a command was not carried out: the value that every front door turns into its own error.
///
/// @param topic that it is about, or null
/// @param nextOffset of the topic where an expected offset did not hold, else null
public record Refusal(
        ErrorCode code,
        String reason,
        @Nullable TopicName topic,
        @Nullable Long nextOffset) {

    public Refusal(ErrorCode code, String reason, @Nullable TopicName topic) {
        this(code, reason, topic, null);
    }

    /// The store did not answer, or not in time.
    public static Refusal unavailable() {
        return unavailable(null);
    }

    /// As the error frame that answers the frame with this id.
    public ServerFrame.Error frame(byte @Nullable [] id) {
        return new ServerFrame.Error(id, code, reason, topic, nextOffset);
    }

    static Refusal forbidden(String what, TopicName topic) {
        return new Refusal(ErrorCode.FORBIDDEN, "not allowed to " + what + " this topic", topic);
    }

    static Refusal unavailable(@Nullable TopicName topic) {
        return new Refusal(ErrorCode.UNAVAILABLE, "the store cannot answer now; try again", topic);
    }

    /// The caller's [Quota] is used up for now.
    public static Refusal rateLimited(@Nullable TopicName topic) {
        return new Refusal(ErrorCode.RATE_LIMITED, "too much is asked for at once; wait and come again", topic);
    }
}
