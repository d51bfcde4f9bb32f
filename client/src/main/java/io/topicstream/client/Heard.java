package io.topicstream.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything that the server can say to a client, as far as the client listens to it. Numbers that were not
/// given are [#NOT_GIVEN].
sealed interface Heard {
    long NOT_GIVEN = -1;

    record Greeting(Welcome welcome) implements Heard {}

    /// A message of a topic.
    ///
    /// @param message with epoch [#NOT_GIVEN]: the subscription knows it
    record Message(ReceivedMessage message) implements Heard {}

    /// Any reply; which members it has depends on what was asked.
    record Reply(
            long id,
            long epoch,
            long offset,
            long timestamp,
            long firstOffset,
            long nextOffset,
            List<ReceivedMessage> messages,
            List<TopicPosition> topics,
            @Nullable String next,
            Told told)
            implements Heard {}

    record Pong() implements Heard {}

    /// Something went wrong.
    ///
    /// @param id of the request that failed, or [#NOT_GIVEN]
    /// @param topic that it is about; null where none is named
    record Error(long id, @Nullable String topic, String code, String message, boolean retryable, long nextOffset)
            implements Heard {}

    record Signal(String topic, @Nullable String from, String json) implements Heard {}

    record Presence(String topic, PresenceChange change) implements Heard {}

    record Receipt(String topic, io.topicstream.client.Receipt receipt) implements Heard {}

    record Redacted(String topic, List<Long> offsets) implements Heard {}

    record Truncated(String topic, long epoch, long firstOffset) implements Heard {}

    record Reset(String topic, long epoch, long commonOffset) implements Heard {}

    /// A room was deleted, and the subscription to it has ended.
    record RoomDeleted(String topic) implements Heard {}

    record Draining(long reconnectInMs) implements Heard {}

    /// A type that this client does not know; servers may add some.
    record Unknown() implements Heard {}
}
