package io.topicstream.gateway.integration;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What came of a call to a back end.
public sealed interface Answer {
    /// It answered, and this is what is left of it after all mapping.
    ///
    /// @param status what the back end said, for a handshake: 200 to 299 lets the client in
    /// @param headers what may go to the client with a handshake, by their names as given
    /// @param body what a two-way route sends to the client, or null where the back end gave none; a refused
    ///     handshake has it as its body
    /// @param contentType of the body where it is known
    record Given(
            int status,
            Map<String, List<String>> headers,
            byte @Nullable [] body,
            @Nullable String contentType) implements Answer {}

    /// It did not, or not as it must.
    ///
    /// @param why what the client is told
    /// @param detail for logs, a sentence
    record Failed(Failure why, String detail) implements Answer {}

    /// The kinds of failures.
    enum Failure {
        /// The function threw, or was not to be had; the server was not reached; an answer made no sense.
        INTERNAL,
        /// It took longer than it may.
        TIMEOUT,
        /// There is no template for the body, and it may not be passed on.
        UNSUPPORTED_MEDIA_TYPE,
        /// Too many calls at the moment.
        THROTTLED
    }
}
