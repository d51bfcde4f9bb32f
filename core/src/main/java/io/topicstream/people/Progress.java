package io.topicstream.people;

import io.topicstream.protocol.Query;

/// How far a user has come in a topic.
///
/// @param delivered the last offset that has arrived, or [Query#NOT_GIVEN]
/// @param read the last offset that was read, or [Query#NOT_GIVEN]
public record Progress(long delivered, long read) {
    /// Nothing is known of it.
    public static final Progress NONE = new Progress(Query.NOT_GIVEN, Query.NOT_GIVEN);

    /// The further of both, each for itself.
    public Progress max(Progress other) {
        return new Progress(Math.max(delivered, other.delivered), Math.max(read, other.read));
    }

    /// The same, as far as the topic goes. What was read has arrived.
    ///
    /// @param end the last offset of the topic
    public Progress within(long end) {
        return new Progress(Math.min(Math.max(delivered, read), end), Math.min(read, end));
    }

    /// Whether nothing is known of it.
    boolean isNone() {
        return delivered < 0 && read < 0;
    }
}
