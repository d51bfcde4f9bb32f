package io.topicstream.session;

import io.topicstream.protocol.ServerFrame;

/// The way from a session to its client. Called on the session's own thread.
///
/// The methods with a body are those of one that is bounded elsewhere, as behind a gateway that takes
/// every frame.
public interface Outbound {
    /// Sends a frame, if the client's dialect has one for it. Flushed at the end of the turn.
    void send(ServerFrame frame);

    /// Whether the client takes what it is told. If not, its frames wait: [Session#onRoom] is called when
    /// it may do so again.
    default boolean hasRoom() {
        return true;
    }

    /// Takes room for the reply to a query, out of what all connections may have under way together.
    ///
    /// @param bytes wanted
    /// @param alone whether the client waits for no other query: only then may it get a small reply
    ///     where all room is taken
    /// @return how many bytes the reply may have; 0: not now, and [Session#onRoom] is called when it is
    ///     worth another try
    default int reserve(int bytes, boolean alone) {
        return bytes;
    }

    /// Sends a reply for which room was reserved; the room is given back when it has left.
    default void sendReserved(ServerFrame reply, int reserved) {
        send(reply);
    }

    /// Gives back the room for a reply that is not sent. May be called on any thread.
    default void release(int reserved) {}

    /// Takes room for frames of the client that wait to be run.
    ///
    /// @return false if so much waits on all connections that this one has to end
    default boolean hold(int bytes) {
        return true;
    }

    /// Calls [Session#onRoom] a little later.
    void comeBackLater();

    /// Ends the connection, with a close code and a reason for people.
    void close(int code, String reason);

    /// Whether more frames may be read from the client. Those that were read already may still come.
    void setReading(boolean reading);
}
