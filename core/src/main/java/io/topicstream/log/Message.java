package io.topicstream.log;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One record of a topic, at its place for good.
///
/// @param offset its position, from 1
/// @param timestamp when it was committed, in epoch milliseconds; never less than that of the
///     message before it in the topic
/// @param from the publishing user, or null where an anonymous client without a name published
/// @param withheldFrom the id of the connection that published it and asked not to get it back
///     (`echo: false`); null for all others. It is stored, so that catching up withholds it too
/// @param messageId the publisher's id, if it gave one
/// @param key what the message is about, if the publisher said
/// @param payload one line of JSON; owned by the message, never changed
public record Message(
        long offset,
        long timestamp,
        @Nullable String from,
        @Nullable String withheldFrom,
        @Nullable String messageId,
        @Nullable String key,
        byte[] payload) {

    /// About how many bytes the message takes, for the bounds of pages and queues: payload and
    /// texts, and a fixed 64 for the rest.
    public int sizeBytes() {
        return 64 + payload.length + lengthOf(from) + lengthOf(withheldFrom) + lengthOf(messageId) + lengthOf(key);
    }

    private static int lengthOf(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Message that
                && offset == that.offset
                && timestamp == that.timestamp
                && Objects.equals(from, that.from)
                && Objects.equals(withheldFrom, that.withheldFrom)
                && Objects.equals(messageId, that.messageId)
                && Objects.equals(key, that.key)
                && Arrays.equals(payload, that.payload);
    }

    @Override
    public int hashCode() {
        return Objects.hash(offset, timestamp, from, withheldFrom, messageId, key, Arrays.hashCode(payload));
    }
}
