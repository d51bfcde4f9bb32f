package io.topicstream.client;

import org.jspecify.annotations.Nullable;

/// A topic in which people are, or of which somebody has said what it is.
///
/// @param title what it is about, or null
/// @param owner the id of the user who has made it; null where nobody has, and it is only used
/// @param created when it was made, in epoch milliseconds, or null
/// @param members how many users are in it; [#UNCOUNTED] in the answer to [TopicStreamClient#room]
public record Room(
        String topic,
        @Nullable String title,
        @Nullable String owner,
        @Nullable Long created,
        long members) {
    /// Nobody has counted.
    public static final long UNCOUNTED = -1;
}
