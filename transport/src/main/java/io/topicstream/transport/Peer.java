package io.topicstream.transport;

import io.netty.channel.Channel;
import io.netty.util.Attribute;
import io.netty.util.AttributeKey;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/// A trusted proxy at the other end of a connection, and for whom the connection was made. A connection that has
/// none of these came directly, so that it costs them nothing. Belongs to the connection's loop.
final class Peer {
    private static final AttributeKey<Peer> KEY = AttributeKey.valueOf(Peer.class, "peer");

    /// Whom the PROXY protocol names; null: nobody, or there is no such header.
    private @Nullable InetAddress named;

    /// Whether a header of the PROXY protocol was there.
    private boolean announced;

    /// The address by which the connection is counted; null: by none, as it carries the requests of many.
    private @Nullable InetAddress counted;

    private Peer() {}

    /// The proxy at the other end, or null.
    static @Nullable Peer of(Channel channel) {
        Attribute<Peer> held = channel.hasAttr(KEY) ? channel.attr(KEY) : null;
        return held == null ? null : held.get();
    }

    /// Enters that a trusted proxy made the connection.
    static Peer mark(Channel channel) {
        Peer peer = new Peer();
        channel.attr(KEY).set(peer);
        return peer;
    }

    /// The address of the socket's other end, or null where it is no internet address.
    static @Nullable InetAddress socketAddress(Channel channel) {
        SocketAddress remote = channel.remoteAddress();
        return remote instanceof InetSocketAddress inet ? inet.getAddress() : null;
    }

    /// The address by which a connection is counted, or null.
    static @Nullable InetAddress countedAddress(Channel channel) {
        Peer peer = of(channel);
        return peer == null ? socketAddress(channel) : peer.counted;
    }

    /// The PROXY protocol's word for whom the connection was made; null: for the proxy itself.
    void announce(@Nullable InetAddress client) {
        announced = true;
        named = client;
    }

    boolean isAnnounced() {
        return announced;
    }

    @Nullable
    InetAddress named() {
        return named;
    }

    @Nullable
    InetAddress counted() {
        return counted;
    }

    void countAs(InetAddress address) {
        counted = address;
    }
}
