package io.topicstream.connection;

/// A connection that is open, as those see it who know only its id. Used on the thread of its lane.
public interface OpenConnection {
    /// Its name.
    String connectionId();

    /// Sends a text to the client as it is, behind what was sent before.
    ///
    /// @param text valid UTF-8; handed over
    /// @return false if the client does not take what it is sent: nothing was
    boolean post(byte[] text);

    /// What may be told of it.
    ConnectionInfo info();

    /// Ends it.
    ///
    /// @param code that a server may close a WebSocket with
    /// @param reason for people
    void close(int code, String reason);
}
