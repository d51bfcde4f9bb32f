package io.topicstream.connection;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// The port to connections by their ids, wherever in the system they are. Thread-safe; no method blocks.
///
/// Each question is answered once. On another node than the connection's it is a request to that one, which is
/// answered in less than [io.topicstream.log.Deadlines#MAX_MS] or counts as lost: then it may have been done or
/// not. Stages complete on any thread, and never fail.
public interface Connections {
    /// The longest text that can be posted, in bytes.
    int MAX_POST_BYTES = 128 * 1024;

    /// What became of a question.
    enum Outcome {
        /// It was done: what was posted is on its way to the client, behind what was sent before.
        DONE,
        /// There was such a connection, and it has ended; or its node has.
        GONE,
        /// No node of this system made the id.
        UNKNOWN,
        /// The client does not take what it is sent, or too much is asked at the moment: nothing was done, try
        /// later.
        BUSY,
        /// Its node did not answer in time.
        UNREACHABLE
    }

    /// An answer.
    ///
    /// @param info of a connection that was to be described; null for everything else
    record Answer(Outcome outcome, @Nullable ConnectionInfo info) {}

    /// Sends a text to the client, as it is: in every dialect it gets these bytes. What is not UTF-8 is sent as a
    /// binary message.
    ///
    /// @param text at most [#MAX_POST_BYTES]; handed over
    /// @throws IllegalArgumentException for more bytes than that
    CompletionStage<Answer> post(String id, byte[] text);

    /// Tells of the connection.
    CompletionStage<Answer> describe(String id);

    /// Whether the connection may be open: known of one of this node, of another as long as its node lives. No
    /// node is asked.
    CompletionStage<Boolean> mayBeOpen(String id);

    /// Ends the connection.
    ///
    /// @param code that a server may close a WebSocket with: 1000 to 1003, 1007 to 1014, or 3000 to 4999
    /// @param reason for people, cut at 123 bytes of UTF-8
    /// @throws IllegalArgumentException for another code
    CompletionStage<Answer> close(String id, int code, String reason);
}
