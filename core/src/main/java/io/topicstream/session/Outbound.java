package io.topicstream.session;

import io.topicstream.protocol.ServerFrame;

/// The way from a session to its client. Called on the session's own thread.
public interface Outbound {
    /// Sends a frame, if the client's dialect has one for it. Flushed at the end of the turn.
    void send(ServerFrame frame);

    /// Ends the connection, with a close code and a reason for people.
    void close(int code, String reason);

    /// Whether more frames may be read from the client. Those that were read already may still come.
    void setReading(boolean reading);
}
