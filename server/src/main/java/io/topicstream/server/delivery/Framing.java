package io.topicstream.server.delivery;

import io.netty.buffer.ByteBuf;

/// How one message of a dialect is told from the next on the wire. Two listeners whose framings are the same object
/// share bytes, so there is one object for each.
public interface Framing {
    /// Appends a message with what goes around it.
    ///
    /// @param message read only during the call
    /// @param length how many bytes of it count, from the first on
    void append(byte[] message, int length, ByteBuf out);
}
