package io.topicstream.gateway;

/// The port to the clients of open connections. Thread-safe; does not block.
public interface Replies {
    /// Sends a message to a client, behind what was sent before. To a connection that has ended, or whose
    /// client does not take what it is sent, nothing is sent.
    ///
    /// Replies to a connection come on any thread; those that come on one keep their order.
    ///
    /// @param connectionId of a connection of this node
    /// @param message as a back end gave it, UTF-8 as a rule; handed over
    void send(String connectionId, byte[] message);
}
