package io.topicstream.aws.audience;

import io.topicstream.access.Credentials;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A handshake, as a gateway hands it over.
///
/// @param stage under which it comes
/// @param address of the client
/// @param credentials all that it shows
/// @param origins the values of all headers `Origin`
/// @param host that it asks for, or null
/// @param parameter the first value of a parameter of the address
/// @param subprotocols that it offers
public record Opening(
        String connectionId,
        String stage,
        InetAddress address,
        Credentials credentials,
        List<String> origins,
        @Nullable String host,
        Function<String, @Nullable String> parameter,
        List<String> subprotocols) {
    /// How it is answered.
    public sealed interface Answer {
        /// The connection is let in.
        ///
        /// @param subprotocol that is spoken, or null
        record Accepted(@Nullable String subprotocol) implements Answer {}

        /// It is not.
        ///
        /// @param status of HTTP
        /// @param code of the error, as clients know it
        record Refused(int status, String code, String reason) implements Answer {}
    }
}
