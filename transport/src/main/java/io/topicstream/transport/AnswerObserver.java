package io.topicstream.transport;

import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// Told of everything that is answered on a port: for figures, and for who wants a line of each. Called on the event
/// loops, for every request, so it neither blocks nor throws.
public interface AnswerObserver {
    /// Takes no notice of anything.
    AnswerObserver NONE = new AnswerObserver() {};

    /// Whether durations are wanted, for which the clock is looked at; they are 0 otherwise.
    default boolean isTimed() {
        return false;
    }

    /// A request was answered, and the answer handed to the socket.
    ///
    /// @param user as whom the caller is known, or null
    /// @param status of the answer; 0 where the peer went away before there was one
    /// @param bytes of the answer, its head included
    /// @param ns since the request was complete
    default void onAnswered(RequestHead head, @Nullable String user, int status, long bytes, long ns) {}

    /// The transport itself answered with an error, the last answer of its connection.
    ///
    /// @param head null where it could not be read
    /// @param code of the error
    default void onRefused(
            @Nullable RequestHead head, SocketAddress remote, int status, String code, String text, long bytes) {}

    /// A connection became a WebSocket.
    default void onUpgraded(RequestHead head, @Nullable String user, long ns) {}

    /// A WebSocket was refused.
    ///
    /// @param status of the answer, or the one that would have been if the client did not rather get a close code
    /// @param closeCode with which the WebSocket was closed right after it was opened, or 0
    /// @param code of the error, or null where the answer is not in our words
    /// @param text of the error, or empty
    default void onUpgradeRefused(
            RequestHead head, int status, int closeCode, @Nullable String code, String text, long bytes, long ns) {}

    /// A connection was turned away because there are too many.
    ///
    /// @param status 429 where there are too many of its address
    default void onConnectionRefused(@Nullable SocketAddress remote, int status) {}
}
