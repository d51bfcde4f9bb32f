package io.topicstream.session;

import io.topicstream.protocol.ServerFrame;

/// The way from a session to its client. Called on the session's own thread.
public interface Outbound {
    /// Sends a frame, if the client's dialect has one for it. Flushed at the end of the turn.
    void send(ServerFrame frame);

    /// Whether the client takes what it is told. If not, its frames wait: [Session#onRoom] is called when
    /// it may do so again.
    boolean hasRoom();

    /// Takes room for the reply to a query, out of what all connections may have under way together.
    ///
    /// @param bytes wanted
    /// @param alone whether the client waits for no other query: only then may it get a small reply
    ///     where all room is taken
    /// @return how many bytes the reply may have; 0: not now, and [Session#onRoom] is called when it is
    ///     worth another try
    int reserve(int bytes, boolean alone);

    /// Sends a reply for which room was reserved; the room is given back when it has left.
    void sendReserved(ServerFrame reply, int reserved);

    /// Gives back the room for a reply that is not sent. May be called on any thread.
    void release(int reserved);

    /// Calls [Session#onRoom] a little later.
    void comeBackLater();

    /// Ends the connection, with a close code and a reason for people.
    void close(int code, String reason);

    /// Whether more frames may be read from the client. Those that were read already may still come.
    void setReading(boolean reading);
}
