package io.topicstream.server;

import io.topicstream.access.Grant;
import io.topicstream.access.StaticToken;
import io.topicstream.command.CommandLimits;
import io.topicstream.server.transport.TransportLimits;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/// What a server is made with, ready to use: [io.topicstream.server.config] makes it from a file, the
/// environment and flags; tests make it by hand.
///
/// @param address to listen on; port 0 takes a free one
/// @param eventLoops threads that own the connections
/// @param outboundBytes the cap over all sockets on log pages under way, in bytes
/// @param anonymous whether callers without credentials are let in
/// @param anonymousGrants what those may do
/// @param tokens the static tokens
/// @param originAllowed whether a web page of that origin may call without a credential
/// @param hostAllowed whether a host that a request names is served
/// @param drain how long stopping may take
public record ServerSettings(
        InetSocketAddress address,
        int eventLoops,
        TransportLimits transport,
        CommandLimits commands,
        long outboundBytes,
        boolean anonymous,
        List<Grant> anonymousGrants,
        List<StaticToken> tokens,
        Predicate<String> originAllowed,
        Predicate<String> hostAllowed,
        Duration drain) {

    /// A server on a free port of this machine, with every default.
    public static ServerSettings onLoopback() {
        return new ServerSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                1,
                TransportLimits.defaults(),
                CommandLimits.DEFAULT,
                64L * 1024 * 1024,
                true,
                Grant.DEFAULT,
                List.of(),
                origin -> false,
                host -> true,
                Duration.ofSeconds(5));
    }

    ServerSettings with(TransportLimits limits) {
        return new ServerSettings(
                address,
                eventLoops,
                limits,
                commands,
                outboundBytes,
                anonymous,
                anonymousGrants,
                tokens,
                originAllowed,
                hostAllowed,
                drain);
    }

    ServerSettings withLoops(int loops) {
        return new ServerSettings(
                address,
                loops,
                transport,
                commands,
                outboundBytes,
                anonymous,
                anonymousGrants,
                tokens,
                originAllowed,
                hostAllowed,
                drain);
    }
}
