package io.topicstream.door;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which names a server answers to (the header `Host`).
///
/// A page of a foreign name can have that name resolved to an address of this machine or network (DNS rebinding); to
/// the browser it then calls its own host, and no rule about origins helps. The name in `Host` tells. So:
///
/// - on a loopback address the host is `localhost` or a loopback address, or listed;
/// - on a private address it is one of those, or any address (rebinding needs a name), or listed;
/// - elsewhere every host is answered, unless some are listed: then those of loopback and the listed ones.
public final class Hosts {
    static final int NO_PORT = -1;

    private enum Reach {
        LOOPBACK,
        PRIVATE,
        PUBLIC
    }

    private final Reach reach;
    private final Set<String> listed;
    /// What was permitted last, for the next request, which most often says the same.
    private volatile @Nullable String lastPermitted;

    /// @param bind the address that the server listens on
    /// @param allowed the setting `server.allowed_hosts`
    public Hosts(InetAddress bind, List<String> allowed) {
        if (bind.isLoopbackAddress()) {
            this.reach = Reach.LOOPBACK;
        } else {
            this.reach = bind.isSiteLocalAddress() || bind.isLinkLocalAddress() || isUniqueLocal(bind)
                    ? Reach.PRIVATE
                    : Reach.PUBLIC;
        }
        this.listed = Set.copyOf(allowed);
    }

    /// Whether the text can stand in the list.
    public static boolean isEntry(String text) {
        return HostAndPort.parse(text) != null && text.equals(text.toLowerCase(Locale.ROOT));
    }

    /// Whether the server answers to this `Host`.
    ///
    /// @param header its value, or null where there is none
    public boolean permits(@Nullable String header) {
        if (header == null) {
            return false;
        }
        if (header.equals(lastPermitted)) {
            return true;
        }
        boolean permitted = judge(header);
        if (permitted) {
            lastPermitted = header;
        }
        return permitted;
    }

    private boolean judge(String header) {
        @Nullable HostAndPort asked = HostAndPort.parse(header);
        if (asked == null) {
            return false;
        }
        if (isLoopback(asked.host) || listed.contains(asked.host) || listed.contains(asked.host + ":" + asked.port)) {
            return true;
        }
        return switch (reach) {
            case LOOPBACK -> false;
            case PRIVATE -> isAddress(asked.host);
            case PUBLIC -> listed.isEmpty();
        };
    }

    /// Whether a host, in lower case, is this machine whatever a name server says: `localhost`, an address of
    /// 127.0.0.0/8 in four decimal parts, or `[::1]`.
    static boolean isLoopback(String host) {
        return host.equals("localhost") || host.equals("[::1]") || (host.startsWith("127.") && isAddress(host));
    }

    /// Whether an entry of the list, which may have a port, names this machine and nothing that others could mean:
    /// names below `localhost` too (RFC 6761, 6.3).
    public static boolean isOfThisMachine(String entry) {
        @Nullable HostAndPort parsed = HostAndPort.parse(entry);
        return parsed != null && (isLoopback(parsed.host) || parsed.host.endsWith(".localhost"));
    }

    private static boolean isAddress(String host) {
        return host.startsWith("[") || HostAndPort.IPV4.matcher(host).matches();
    }

    private static boolean isUniqueLocal(InetAddress address) {
        byte[] bytes = address.getAddress();
        return bytes.length == 16 && (bytes[0] & 0xfe) == 0xfc;
    }

    /// The parts of a header `Host`.
    ///
    /// @param host in lower case
    /// @param port [#NO_PORT] where none is written
    record HostAndPort(String host, int port) {
        private static final String PART = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
        static final Pattern IPV4 = Pattern.compile(PART + "(?:\\." + PART + "){3}");
        private static final Pattern TEXT =
                Pattern.compile("((?:[a-z0-9_-]+\\.)*[a-z0-9_-]+|\\[[0-9a-f:.]+])(?::([0-9]{1,5}))?");

        static @Nullable HostAndPort parse(String text) {
            if (text.length() > 300) {
                return null;
            }
            Matcher matcher = TEXT.matcher(text.toLowerCase(Locale.ROOT));
            if (!matcher.matches()) {
                return null;
            }
            @Nullable String port = matcher.group(2);
            int number = port == null ? NO_PORT : Integer.parseInt(port);
            return number > 65_535 ? null : new HostAndPort(matcher.group(1), number);
        }
    }
}
