package io.topicstream.log;

/// What an operator wants to know of a log. Counters begin at 0 when the engine is opened.
///
/// @param acceptedMessages taken into the queue
/// @param committedMessages stored, and as durable as the mode says
/// @param queuedBytes of all that was taken in and is not answered yet: appends, signals, changes of state records,
///     and what else goes through the queue
/// @param takesWrites whether an append that comes now would be stored, as far as the engine knows; false from the
///     write that failed until the store can be written again
/// @param stillMs for how long the slowest thread of the engine has not turned, in milliseconds. A thread that is well
///     turns once a second at least. 0 where the engine has no thread of its own
/// @param trimmed what retention has ended
public record LogFigures(
        long acceptedMessages,
        long committedMessages,
        long queuedBytes,
        boolean takesWrites,
        long stillMs,
        Trimmed trimmed) {}
