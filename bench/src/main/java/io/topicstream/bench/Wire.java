package io.topicstream.bench;

import java.nio.ByteBuffer;

/// What is said on a connection: how it begins, how a message or a page request is written, and how
/// answers and deliveries are read. One object serves all connections of a run.
interface Wire {
    /// The socket is connected: say hello, or report the connection ready.
    void onConnected(Connection connection);

    /// Reads what has come, in `[from, to)`.
    ///
    /// @return how many bytes were understood; the rest comes again with more behind it
    int onBytes(Connection connection, ByteBuffer in, int from, int to, long nowNs);

    /// Queues one message, or one page request, without flushing.
    ///
    /// @param number the publisher's count of messages before this one
    void publish(Connection connection, long intendedNs, long number, int topic);
}
