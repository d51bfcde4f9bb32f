package io.topicstream.connection;

import org.jspecify.annotations.Nullable;

/// A connection that is open, as those see it who know only its id. Used on the thread of its lane.
public interface OpenConnection {
    /// Its name.
    String connectionId();

    /// Sends a message to the client as it is, behind what was sent before: as text where it is UTF-8, else as
    /// a binary message.
    ///
    /// @param text handed over
    /// @return false if the client does not take what it is sent: nothing was
    boolean post(byte[] text);

    /// What may be told of it.
    ConnectionInfo info();

    /// The name of the stage under which it was opened; null where that is not known.
    default @Nullable String stage() {
        return null;
    }

    /// Ends it.
    ///
    /// @param code that a server may close a WebSocket with
    /// @param reason for people
    void close(int code, String reason);
}
