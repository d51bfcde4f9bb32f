package io.topicstream.gateway.exchange;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// How a handshake ended.
public sealed interface Opening {
    /// The connection opens.
    ///
    /// @param subprotocol that the back end chose, or null
    record Accepted(@Nullable String subprotocol, Peer peer) implements Opening {}

    /// It does not.
    ///
    /// @param status 200 to 599
    /// @param contentType of the body, or null
    /// @param headers further header fields
    /// @param body may be empty
    record Refused(int status, @Nullable String contentType, Map<String, String> headers, byte[] body)
            implements Opening {}
}
