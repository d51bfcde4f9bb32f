package io.topicstream.transport;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What the header fields of a request say of the proxies that it passed: `Forwarded` (RFC 7239), or
/// `X-Forwarded-For`, `-Proto` and `-Host`.
///
/// Every proxy appends the address that it was called from, so the list is read from its end: as long as an entry
/// is the address of a trusted proxy, the one before it was written by somebody who is believed. The first that is
/// not is the client; whatever stands before it the client may have invented.
///
/// Where both kinds are there, `X-Forwarded-For` is taken: nearly all proxies write that one, and pass on a
/// `Forwarded` that a client invented.
final class ForwardedFields {
    private static final String FORWARDED = "Forwarded";
    private static final String FOR = "X-Forwarded-For";
    private static final String PROTO = "X-Forwarded-Proto";
    private static final String HOST = "X-Forwarded-Host";
    /// What only proxies write.
    private static final List<String> TELLING =
            List.of(FOR, FORWARDED, PROTO, HOST, "X-Forwarded-Port", "X-Forwarded-Server", "X-Real-IP", "Via");

    private ForwardedFields() {}

    /// Whether the request passed a proxy that left a trace. One that was told nothing about it (nginx) speaks
    /// HTTP/1.0 and says that it will close, which no other client of that version needs to say.
    static boolean tellOfAProxy(HeadFields fields, boolean http10) {
        for (int i = 0; i < TELLING.size(); i++) {
            if (fields.count(TELLING.get(i)) > 0) {
                return true;
            }
        }
        return http10 && fields.hasToken("Connection", "close");
    }

    /// Where a request comes from that a trusted proxy handed on.
    ///
    /// @param nearest the trusted proxy, or whom it named on the connection
    /// @param isSecure whether the connection to here is by TLS, for proxies that say nothing about theirs
    /// @param trusted whether an address is one of a trusted proxy
    static RequestSource read(
            HeadFields fields, InetAddress nearest, boolean isSecure, Predicate<InetAddress> trusted) {
        List<Hop> hops = fields.count(FOR) > 0 || fields.count(FORWARDED) == 0 ? listed(fields) : forwarded(fields);
        InetAddress client = nearest;
        Hop last = hops.isEmpty() ? Hop.NOTHING : hops.getLast();
        for (int i = hops.size() - 1; i >= 0; i--) {
            Hop hop = hops.get(i);
            @Nullable InetAddress address = address(hop.node);
            if (address == null) {
                break;
            }
            client = address;
            last = hop;
            if (!trusted.test(address)) {
                break;
            }
        }
        boolean secure = last.proto == null ? isSecure : last.proto.equalsIgnoreCase("https");
        return new RequestSource(client, secure, last.host, true);
    }

    /// What one proxy said: who called it, how, and for which host.
    private record Hop(
            @Nullable String node,
            @Nullable String proto,
            @Nullable String host) {
        static final Hop NOTHING = new Hop(null, null, null);
    }

    /// The three lists belong together from their ends; where one is shorter, its first entry goes with the rest.
    private static List<Hop> listed(HeadFields fields) {
        List<String> nodes = items(fields, FOR);
        List<String> protos = items(fields, PROTO);
        List<String> hosts = items(fields, HOST);
        List<Hop> hops = new ArrayList<>();
        int count = Math.max(1, nodes.size());
        for (int fromEnd = count - 1; fromEnd >= 0; fromEnd--) {
            hops.add(new Hop(
                    nodes.isEmpty() ? null : fromEnd(nodes, fromEnd),
                    fromEnd(protos, fromEnd),
                    fromEnd(hosts, fromEnd)));
        }
        return hops;
    }

    private static @Nullable String fromEnd(List<String> items, int fromEnd) {
        return items.isEmpty() ? null : items.get(Math.max(0, items.size() - 1 - fromEnd));
    }

    private static List<String> items(HeadFields fields, String name) {
        List<String> items = new ArrayList<>();
        for (String value : fields.all(name)) {
            for (String item : value.split(",", -1)) {
                items.add(item.strip());
            }
        }
        return items;
    }

    /// `for=192.0.2.43;proto=https, for="[2001:db8::1]:4711"`
    private static List<Hop> forwarded(HeadFields fields) {
        List<Hop> hops = new ArrayList<>();
        for (String value : fields.all(FORWARDED)) {
            for (String element : split(value, ',')) {
                @Nullable String node = null;
                @Nullable String proto = null;
                @Nullable String host = null;
                for (String pair : split(element, ';')) {
                    int equals = pair.indexOf('=');
                    String name = equals < 0 ? "" : pair.substring(0, equals).strip();
                    String text = equals < 0
                            ? ""
                            : unquoted(pair.substring(equals + 1).strip());
                    if (name.equalsIgnoreCase("for")) {
                        node = text;
                    } else if (name.equalsIgnoreCase("proto")) {
                        proto = text;
                    } else if (name.equalsIgnoreCase("host")) {
                        host = text;
                    }
                }
                hops.add(new Hop(node, proto, host));
            }
        }
        return hops;
    }

    /// The parts between the separators that do not stand in quotes.
    private static List<String> split(String text, char separator) {
        List<String> parts = new ArrayList<>();
        boolean quoted = false;
        int from = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (quoted && c == '\\') {
                i++;
            } else if (c == '"') {
                quoted = !quoted;
            } else if (c == separator && !quoted) {
                parts.add(text.substring(from, i));
                from = i + 1;
            }
        }
        parts.add(text.substring(from));
        return parts;
    }

    private static String unquoted(String text) {
        return text.length() >= 2 && text.startsWith("\"") && text.endsWith("\"")
                ? text.substring(1, text.length() - 1).replace("\\", "")
                : text;
    }

    /// The address of an entry, which may have a port; null for `unknown`, a made-up name, or what is none.
    static @Nullable InetAddress address(@Nullable String node) {
        if (node == null || node.isEmpty() || node.length() > 64) {
            return null;
        }
        String literal = node;
        if (node.startsWith("[")) {
            int end = node.indexOf(']');
            boolean rest = end > 0 && (end == node.length() - 1 || node.charAt(end + 1) == ':');
            literal = rest ? node.substring(1, end) : "";
        } else if (node.indexOf(':') >= 0 && node.indexOf(':') == node.lastIndexOf(':')) {
            literal = node.substring(0, node.indexOf(':'));
        }
        boolean six = literal.indexOf(':') >= 0;
        if (!literal.matches(six ? "[0-9A-Fa-f:.]+" : "[0-9]{1,3}(\\.[0-9]{1,3}){3}")) {
            return null;
        }
        try {
            return InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
