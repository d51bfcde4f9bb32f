package io.topicstream.transport;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// Where a request comes from: what the socket says, or, where trusted proxies stand between, what they say.
///
/// @param address of the client
/// @param isSecure whether the client came by TLS, as far as is known
/// @param host the host that the client asked for, where a proxy says so; null: the header `Host` tells
/// @param isProxied whether anything tells of a proxy between, trusted or not
public record RequestSource(
        InetAddress address, boolean isSecure, @Nullable String host, boolean isProxied) {
    /// Whether the client is on this machine. Through a proxy nobody is, wherever the proxy stands.
    public boolean isLocal() {
        return !isProxied && address.isLoopbackAddress();
    }
}
