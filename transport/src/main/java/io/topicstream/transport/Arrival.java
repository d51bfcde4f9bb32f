package io.topicstream.transport;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// How a connection came, from which it follows where its requests come from. Immutable.
final class Arrival {
    private final SocketAddress remote;
    private final Ingress ingress;
    private final InetAddress nearest;
    private final boolean secure;
    private final boolean announced;
    /// Where a request comes from that tells of no proxy: the same for all of them.
    private final RequestSource direct;

    /// @param remote the socket's other end
    /// @param peer the trusted proxy there, or null
    /// @param secure whether the connection is by TLS
    Arrival(SocketAddress remote, @Nullable Peer peer, boolean secure, Ingress ingress) {
        this.remote = remote;
        this.ingress = ingress;
        @Nullable InetAddress named = peer == null ? null : peer.named();
        this.nearest = named == null ? address(remote) : named;
        this.secure = secure;
        this.announced = peer != null && peer.isAnnounced();
        this.direct = new RequestSource(nearest, secure, null, announced);
    }

    private static InetAddress address(SocketAddress remote) {
        if (remote instanceof InetSocketAddress inet && inet.getAddress() != null) {
            return inet.getAddress();
        }
        throw new IllegalStateException("a caller without an internet address");
    }

    SocketAddress remote() {
        return remote;
    }

    /// Where the request with these fields comes from.
    RequestSource source(HeadFields fields, boolean http10) {
        if (!ForwardedFields.tellOfAProxy(fields, http10)) {
            return direct;
        }
        return ingress.trustedProxy().test(nearest)
                ? ForwardedFields.read(fields, nearest, secure, ingress.trustedProxy())
                : new RequestSource(nearest, secure, null, true);
    }
}
