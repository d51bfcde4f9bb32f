package io.topicstream.transport;

import java.net.InetAddress;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// How connections come in on a port.
///
/// @param trustedProxy whether what comes from this address is believed when it says for whom it speaks
/// @param proxyProtocol whether connections of trusted proxies begin with a header of the PROXY protocol
/// @param tls by which all connections are encrypted; null: none is
public record Ingress(
        Predicate<InetAddress> trustedProxy,
        boolean proxyProtocol,
        @Nullable TlsFiles tls) {
    /// Everybody comes directly, and in plain text.
    public static final Ingress DIRECT = new Ingress(address -> false, false, null);

    /// The same, by TLS.
    public Ingress over(TlsFiles files) {
        return new Ingress(trustedProxy, proxyProtocol, files);
    }
}
