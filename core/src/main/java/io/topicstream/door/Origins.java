package io.topicstream.door;

import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Which web pages may call without showing a credential of their own.
///
/// A browser sends the header `Origin` with the calls of a page and lets no page change it. Without this rule any page
/// that somebody looks at could talk to the server on his machine, or to one that knows him by his network. So a page
/// of another host needs a credential, which a foreign page has not got, or has to be listed. Cookies are no
/// credential: a browser sends them for foreign pages too.
///
/// Origins are compared as browsers write them: scheme, host and port, in lower case, without the scheme's own port.
/// What is written in any other way comes from no browser and is foreign.
public final class Origins implements OriginRule {
    /// In the list: pages from this machine, on any port.
    public static final String LOOPBACK = "loopback";
    /// In the list: every page, also those without an origin.
    public static final String EVERYTHING = "*";
    /// What browsers send for pages without an origin: files, sandboxed frames.
    private static final String NO_ORIGIN = "null";

    private static final Pattern ORIGIN =
            Pattern.compile("(https?)://((?:[a-z0-9_-]+\\.)*[a-z0-9_-]+|\\[[0-9a-f:.]+])(?::([1-9][0-9]{0,4}))?");

    private final Set<String> listed;
    private final boolean loopback;
    private final boolean everything;

    /// @param allowed the setting `server.allowed_origins`
    public Origins(List<String> allowed) {
        this.listed = Set.copyOf(allowed);
        this.loopback = allowed.contains(LOOPBACK);
        this.everything = allowed.contains(EVERYTHING);
    }

    /// Whether the text can stand in the list.
    public static boolean isEntry(String text) {
        return text.equals(LOOPBACK) || text.equals(EVERYTHING) || text.equals(NO_ORIGIN) || Origin.parse(text) != null;
    }

    /// Whether the page may call.
    ///
    /// @param host the header `Host`, or null; a page of the same host and port is not foreign
    /// @param hasCredential right or wrong: a wrong one is refused later, and with its own words
    @Override
    public boolean permits(List<String> origins, @Nullable String host, boolean hasCredential) {
        if (origins.isEmpty() || hasCredential || everything) {
            return true;
        }
        if (origins.size() > 1) {
            return false;
        }
        String text = origins.getFirst();
        if (text.equals(NO_ORIGIN)) {
            return listed.contains(NO_ORIGIN);
        }
        @Nullable Origin origin = Origin.parse(text);
        return origin != null
                && (listed.contains(text) || (loopback && Hosts.isLoopback(origin.host)) || origin.isOf(host));
    }

    /// @param port the scheme's own where none is written
    private record Origin(String scheme, String host, int port) {
        /// Reads an origin as browsers write it, or answers null.
        static @Nullable Origin parse(String text) {
            Matcher matcher = ORIGIN.matcher(text);
            if (text.length() > 300 || !matcher.matches()) {
                return null;
            }
            String scheme = matcher.group(1);
            int usual = scheme.equals("https") ? 443 : 80;
            @Nullable String written = matcher.group(3);
            int port = written == null ? usual : Integer.parseInt(written);
            // A browser leaves the scheme's own port out.
            return port > 65_535 || (written != null && port == usual)
                    ? null
                    : new Origin(scheme, matcher.group(2), port);
        }

        /// Whether a request with this `Host` goes to where the page came from. A proxy may have taken the TLS off, so
        /// the scheme of a `Host` without a port is taken to be the page's.
        boolean isOf(@Nullable String hostHeader) {
            Hosts.@Nullable HostAndPort asked = hostHeader == null ? null : Hosts.HostAndPort.parse(hostHeader);
            int usual = scheme.equals("https") ? 443 : 80;
            return asked != null
                    && asked.host().equals(host)
                    && (asked.port() == Hosts.NO_PORT ? usual : asked.port()) == port;
        }
    }
}
