package io.topicstream.protocol;

import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A frame that only asks. Each stands here beside its answer, so that a new one is a matter of one place.
///
/// The answer may be large, so only a few queries of a connection run at once. One without an `id`, which nobody
/// could be answered, is not run at all.
public sealed interface Query extends ClientFrame {
    /// For numbers that were not given.
    long NOT_GIVEN = -1;

    /// What a query is answered with.
    sealed interface Answer extends ServerFrame.Reply {}

    /// Read a page of a topic's messages; at most one of `after` and `before` is given.
    ///
    /// @param after exclusive, or [#NOT_GIVEN]
    /// @param before exclusive, or [#NOT_GIVEN]
    /// @param limit 0 to 1,000 messages
    record Read(byte @Nullable [] id, TopicName topic, long after, long before, int limit) implements Query {
        /// As much of the page as fits into an answer of so many bytes, never less than one message.
        public ReadPage answer(Page page, int maxBytes) {
            Direction kept = after == NOT_GIVEN ? Direction.BACKWARD : Direction.FORWARD;
            return new ReadPage(id, topic, page.extent(), ReplySize.fitting(page.messages(), kept, maxBytes));
        }
    }

    /// The answer to [Read].
    ///
    /// @param messages ascending
    record ReadPage(byte @Nullable [] id, TopicName topic, Extent extent, List<Message> messages) implements Answer {}

    /// List topics.
    ///
    /// @param limit 1 to 1,000
    record Topics(byte @Nullable [] id, String prefix, int limit, String startAfter) implements Query {}

    /// The answer to [Topics].
    ///
    /// @param next the name after which the list goes on, or null at the end
    record TopicList(
            byte @Nullable [] id,
            List<TopicExtent> topics,
            @Nullable String next) implements Answer {}
}
