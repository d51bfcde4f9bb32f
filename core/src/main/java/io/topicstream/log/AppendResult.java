package io.topicstream.log;

/// What became of an [Append].
public sealed interface AppendResult {
    /// The messages are in the log, or were already (a repeat by message id, answered as the first).
    ///
    /// @param epoch the epoch in which they were written
    /// @param firstOffset the offset of the first message
    /// @param lastOffset the offset of the last one
    /// @param timestamp epoch milliseconds of the first one
    /// @param repeated whether they had been stored before
    record Appended(long epoch, long firstOffset, long lastOffset, long timestamp, boolean repeated)
            implements AppendResult {}

    /// The expected offset is not the next one; nothing was stored.
    ///
    /// @param nextOffset the offset that the next message will get
    record Conflict(long epoch, long nextOffset) implements AppendResult {}

    /// A message id is known with other contents, or a batch is known in part; nothing was stored.
    record IdConflict() implements AppendResult {}

    /// The engine could not make it durable: it may or may not be found stored after recovery, so a
    /// retry wants a message id.
    record Unavailable(String reason) implements AppendResult {}
}
