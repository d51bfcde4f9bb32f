package io.topicstream.server.gateway;

import io.topicstream.transport.RequestHead;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the gateway must know of the server around it. Thread-safe.
///
/// @param hosts names that belong to the gateway
/// @param paths of the server's own HTTP API
/// @param stages paths of the server's own stages
/// @param foreignPages pages that may not call without a credential
record ServerRules(GatewayHosts hosts, Paths paths, Paths stages, Pages foreignPages) {
    /// Paths of one kind.
    @FunctionalInterface
    interface Paths {
        /// Whether the path, by its segments, is one of them.
        boolean has(List<String> segments);
    }

    /// Web pages of one kind.
    @FunctionalInterface
    interface Pages {
        /// Whether one of them sends the request.
        boolean send(RequestHead head);
    }

    /// Whether the host is one under which there is nothing but the gateway.
    boolean isGatewayHost(@Nullable String host) {
        return host != null && hosts.isOurs(host);
    }

    /// Whether a request is for the server's own HTTP API.
    boolean isOwnPath(RequestHead head) {
        return !isGatewayHost(head.host()) && paths.has(head.segments());
    }

    /// Whether a request to become a WebSocket is for one of the server's own stages.
    boolean isForOthers(RequestHead head) {
        return !isGatewayHost(head.host()) && stages.has(head.segments());
    }

    /// Whether a path is that of one of the server's own stages.
    boolean isStageOfOthers(List<String> stagePath, @Nullable String host) {
        return !stagePath.isEmpty() && !isGatewayHost(host) && stages.has(stagePath);
    }

    /// Whether a page sends the request that may not call without a credential.
    boolean isForeignPage(RequestHead head) {
        return foreignPages.send(head);
    }
}
