package io.topicstream.gateway.integration;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.exchange.Handshake;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// The header fields of a handshake as back ends see them: those of the client, and what a load balancer adds.
///
/// They are sorted, and found, without regard to case. A field that comes again in another case keeps the case of the
/// first.
public final class ConnectHeaders {
    /// Fields of the upgrade itself: authorizers see them, back ends do not.
    private static final Set<String> OF_UPGRADE = Set.of("connection", "upgrade", "content-length");

    private static final String FORWARDED_FOR = "X-Forwarded-For";
    private static final String TRACE_ID = "X-Amzn-Trace-Id";

    /// The part of a trace id that names the whole way of a request.
    private static final Pattern ROOT = Pattern.compile("(?:^|;)\\s*Root=1-[0-9a-f]{8}-[0-9a-f]{24}(?:;|$)");

    private ConnectHeaders() {}

    /// What the integration of `$connect` sees. The caller may change the map.
    static Map<String, List<String>> of(GatewayEvent event, Handshake handshake) {
        Map<String, List<String>> headers = all(event, handshake);
        OF_UPGRADE.forEach(headers::remove);
        return headers;
    }

    /// What an authorizer sees. The caller may change the map.
    static Map<String, List<String>> ofUpgrade(GatewayEvent event, Handshake handshake) {
        Map<String, List<String>> headers = all(event, handshake);
        headers.put("content-length", List.of("0"));
        return headers;
    }

    /// None yet.
    static Map<String, List<String>> empty() {
        return new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    }

    /// All of them, with those of the upgrade. The caller may change the map.
    public static Map<String, List<String>> all(GatewayEvent event, Handshake handshake) {
        Map<String, List<String>> headers = empty();
        for (Map.Entry<String, String> field : handshake.headers()) {
            headers.computeIfAbsent(field.getKey(), _ -> new ArrayList<>(1)).add(field.getValue());
        }
        headers.putIfAbsent("Host", List.of(event.peer().domainName()));
        List<String> before = headers.remove(FORWARDED_FOR);
        headers.put(
                FORWARDED_FOR,
                List.of(
                        before == null
                                ? handshake.sourceIp()
                                : String.join(", ", before) + ", " + handshake.sourceIp()));
        set(headers, "X-Forwarded-Port", "443");
        set(headers, "X-Forwarded-Proto", "https");
        List<String> trace = headers.remove(TRACE_ID);
        String known = trace == null ? "" : trace.getLast();
        headers.put(TRACE_ID, List.of(ROOT.matcher(known).find() ? known : traceId(event)));
        return headers;
    }

    /// Puts a field in place of what the client may have sent under its name.
    private static void set(Map<String, List<String>> headers, String name, String value) {
        headers.remove(name);
        headers.put(name, List.of(value));
    }

    /// The same for all events of one handshake.
    private static String traceId(GatewayEvent event) {
        byte[] digest;
        try {
            digest = MessageDigest.getInstance("SHA-256")
                    .digest(event.requestId().getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("Every Java has SHA-256.", e);
        }
        return "Root=1-" + HexFormat.of().toHexDigits(event.timeMs() / 1000, 8) + "-"
                + HexFormat.of().formatHex(digest, 0, 12);
    }
}
