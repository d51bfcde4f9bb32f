package io.topicstream.server.config.section;

import io.topicstream.door.Hosts;
import io.topicstream.door.Origins;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;

/// Where the server listens, and to whom it answers.
///
/// @param bind the address to listen on, resolved once, so that what was judged is what is bound
/// @param port 0 takes a free one; with TLS on a second port, another than that
/// @param allowRemoteWithoutCredentials whether others may reach a server that cannot tell its callers apart
/// @param stopDelay how long a stopping server lets connections in that hear that it is not ready
public record ListenSection(
        InetAddress bind,
        int port,
        boolean allowRemoteWithoutCredentials,
        List<String> allowedOrigins,
        List<String> allowedHosts,
        Duration stopDelay) {
    public static final Rows ROWS = new Rows();

    private static final Setting<InetAddress> BIND = ROWS.add(
            "server.bind",
            Kind.address(),
            InetAddress.ofLiteral("127.0.0.1"),
            "The address to listen on; 0.0.0.0 is every IPv4 address of the machine, :: every address");
    static final Setting<Integer> PORT =
            ROWS.add("server.port", Kind.number(0, 65535), 8080, "The port to listen on; 0 takes a free one");
    private static final Setting<Boolean> ALLOW_REMOTE_WITHOUT_CREDENTIALS = ROWS.add(
            "server.allow_remote_without_credentials",
            Kind.truth(),
            false,
            "Listen elsewhere than on loopback though there is neither an API key nor a static token");
    private static final Setting<List<String>> ALLOWED_ORIGINS = ROWS.add(
            "server.allowed_origins",
            Kind.list("loopback, *, null, or scheme://host[:port] in lower case", Origins::isEntry),
            List.of(Origins.LOOPBACK),
            "Web pages that may call without a credential; loopback is every page from this machine, * every page");
    private static final Setting<List<String>> ALLOWED_HOSTS = ROWS.add(
            "server.allowed_hosts",
            Kind.list("host or host:port in lower case", Hosts::isEntry),
            List.of(),
            "Names in the header Host to answer to, beside those of loopback on a loopback address");
    private static final Setting<Duration> STOP_DELAY = ROWS.add(
            "server.stop_delay",
            Kind.time(Duration.ZERO, Duration.ofMinutes(10)),
            Duration.ofSeconds(1),
            "How long a stopping server says that it is not ready before it takes no more connections");

    /// What the settings say.
    public static ListenSection of(Values values) {
        return new ListenSection(
                values.get(BIND),
                values.get(PORT),
                values.get(ALLOW_REMOTE_WITHOUT_CREDENTIALS),
                values.get(ALLOWED_ORIGINS),
                values.get(ALLOWED_HOSTS),
                values.get(STOP_DELAY));
    }
}
