package io.topicstream.server.gateway;

import io.topicstream.transport.RequestHead;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where a connection comes from, for one whose conversation begins with its first frame: nobody has shown what would
/// say more. Immutable; it lives as long as the connection.
///
/// @param address of the client
/// @param isLocal whether it is on this machine, and did not come through a proxy on it
/// @param origins the values of all headers `Origin`
/// @param host that it asked for; null where no page is calling
record Guest(
        InetAddress address,
        boolean isLocal,
        List<String> origins,
        @Nullable String host) {
    /// What is known of who sent a request.
    static Guest of(RequestHead request) {
        List<String> origins = request.headers("Origin");
        return new Guest(
                request.source().address(),
                request.source().isLocal(),
                List.copyOf(origins),
                origins.isEmpty() ? null : request.host());
    }
}
