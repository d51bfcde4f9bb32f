package io.topicstream.server.transport;

import java.net.InetAddress;
import java.util.function.Predicate;

/// How connections come in on a port.
///
/// @param trustedProxy whether what comes from this address is believed when it says for whom it speaks
/// @param proxyProtocol whether connections of trusted proxies begin with a header of the PROXY protocol
public record Ingress(Predicate<InetAddress> trustedProxy, boolean proxyProtocol) {
    /// Everybody comes directly.
    public static final Ingress DIRECT = new Ingress(address -> false, false);
}
