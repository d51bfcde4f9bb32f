package io.topicstream.client;

/// How far a user has come in a topic.
///
/// @param user the id
/// @param delivered the last offset that has arrived, or [#UNCHANGED]
/// @param read the last offset that was read, or [#UNCHANGED]
public record Receipt(String user, long delivered, long read) {
    /// This has not changed.
    public static final long UNCHANGED = -1;
}
