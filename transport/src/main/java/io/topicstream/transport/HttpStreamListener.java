package io.topicstream.transport;

/// The producer of an answer that is sent piece by piece. All calls come on the connection's event loop.
public interface HttpStreamListener {
    /// It is this answer's turn; its head is written.
    void onOpen(HttpStream stream);

    /// The connection takes bytes again after it did not.
    default void onWritable() {}

    /// Time passed: called about once a sweep (a second by default), with the loop's monotonic clock.
    default void onTick(long nowNs) {}

    /// The transport is about to stop; the connection will be closed within `withinMs` milliseconds.
    default void onDraining(int withinMs) {}

    /// The answer ended, by [HttpStream#end] or because the peer went away. Comes exactly once, also when the
    /// peer went away before it was this answer's turn.
    void onClosed();
}
