package io.topicstream.rocksdb;

import org.jspecify.annotations.Nullable;

/// What happened to a topic beside messages: the writer puts it into a [Group], and a round of [LogSync] makes it so.
///
/// A committed batch is none of these: it goes beside them as it is, without an object around it.
sealed interface Event permits Event.Listening, Event.Lost, Event.Trimmed, Command.Signal {
    /// Somebody began or ended to follow.
    ///
    /// @param followers who follows from now on
    /// @param begun who is to be told, or null
    record Listening(Followers followers, Command.@Nullable Follow begun) implements Event {}

    /// A follow that cannot be done: the topic cannot be read, or the life has ended.
    record Lost(Command.Follow follow) implements Event {}

    /// A trim took the front of a topic.
    record Trimmed(Command.Trim command, long first, long next) implements Event {}
}
