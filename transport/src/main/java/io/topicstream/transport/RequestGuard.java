package io.topicstream.transport;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Every check of a request head that does not need its body, in one place, before anything is routed
/// (RFC 9112; RFC 6455, 4.2.1). Each method returns what it made of the head or throws a [Refusal].
final class RequestGuard {
    private static final Map<String, String> ALLOW = Map.of("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

    private RequestGuard() {}

    /// Judges the head that `reader` has read, and takes it out.
    static RequestHead check(RequestReader reader, RequestTarget.Recent recent, Arrival arrival, Endpoint endpoint) {
        String method = reader.method();
        RequestTarget known = reader.knownTarget(recent);
        String written = known == null ? reader.target() : "";
        boolean http10 = reader.isHttp10();
        HeadFields fields = reader.takeFields();
        RequestSource source = arrival.source(fields, http10);
        try {
            requireMethod(method);
            long bodyLength = bodyLength(fields, http10);
            String host = host(fields, http10);
            RequestTarget target = known == null ? target(written, method, host) : known;
            requireHost(source.host() == null ? host : source.host(), target, endpoint);
            if (written.startsWith("/")) {
                recent.keep(written, target);
            }
            return new RequestHead(method, target, http10, fields, bodyLength, arrival.remote(), source);
        } catch (Refusal refusal) {
            refusal.head = new RequestHead(method, RequestTarget.ASTERISK, http10, fields, 0, arrival.remote(), source);
            throw refusal;
        }
    }

    private static void requireMethod(String method) {
        if (method.equals("CONNECT") || method.equals("TRACE")) {
            throw new Refusal(405, "method not allowed", ALLOW);
        }
        if (method.isEmpty()) {
            throw new Refusal(501, "unknown method", ALLOW);
        }
    }

    private static RequestTarget target(String written, String method, String host) {
        String target = written;
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c >= 0x7F || c == '#') {
                throw new Refusal(400, "illegal character in the request target");
            }
        }
        if (target.regionMatches(true, 0, "http://", 0, 7) || target.regionMatches(true, 0, "https://", 0, 8)) {
            int from = target.indexOf("//") + 2;
            int to = from;
            while (to < target.length() && target.charAt(to) != '/' && target.charAt(to) != '?') {
                to++;
            }
            if (!target.substring(from, to).equalsIgnoreCase(host)) {
                throw new Refusal(421, "not the host of this request target");
            }
            target = to < target.length() && target.charAt(to) == '/'
                    ? target.substring(to)
                    : "/" + target.substring(to);
        }
        if (target.equals("*") && method.equals("OPTIONS")) {
            return RequestTarget.ASTERISK;
        }
        if (!target.startsWith("/")) {
            throw new Refusal(400, "the request target must be a path");
        }
        return RequestTarget.of(target);
    }

    /// How long the body is, or a negative number where it comes in chunks. Refuses what could make two parsers
    /// disagree on where the request ends.
    private static long bodyLength(HeadFields fields, boolean http10) {
        int lengths = fields.count("Content-Length");
        int codings = fields.count("Transfer-Encoding");
        if (lengths > 1 || codings > 1 || (lengths > 0 && codings > 0)) {
            throw new Refusal(400, "the length of the body is ambiguous");
        }
        // Some servers take eight bytes of body after a GET with one of these, a relic of a WebSocket draft.
        if (fields.count("Sec-WebSocket-Key1") > 0 || fields.count("Sec-WebSocket-Key2") > 0) {
            throw new Refusal(400, "this draft of WebSocket is not supported");
        }
        String length = fields.first("Content-Length");
        if (length != null) {
            return length(length);
        }
        String coding = fields.first("Transfer-Encoding");
        if (coding == null) {
            return 0;
        }
        if (http10) {
            throw new Refusal(400, "HTTP/1.0 has no transfer codings");
        }
        if (!coding.equalsIgnoreCase("chunked")) {
            throw new Refusal(501, "unknown transfer coding");
        }
        return RequestHead.CHUNKED;
    }

    private static long length(String text) {
        if (text.isEmpty() || text.length() > 18) {
            throw new Refusal(400, "Content-Length is not a number");
        }
        long length = 0;
        for (int i = 0; i < text.length(); i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                throw new Refusal(400, "Content-Length is not a number");
            }
            length = length * 10 + digit;
        }
        return length;
    }

    private static String host(HeadFields fields, boolean http10) {
        int hosts = fields.count("Host");
        if (hosts == 0 && http10) {
            return "";
        }
        String host = fields.first("Host");
        if (hosts != 1 || host == null || host.isEmpty()) {
            throw new Refusal(400, "exactly one Host is needed");
        }
        if (!isHost(host)) {
            throw new Refusal(400, "Host is not a host");
        }
        return host;
    }

    /// Refuses hosts that are not served. Whoever asks for a path that is open to any host, as a load balancer for the
    /// health, need not know by which names the server goes.
    ///
    /// @param host which the client asked for; empty where HTTP/1.0 leaves it out
    private static void requireHost(String host, RequestTarget target, Endpoint endpoint) {
        if (host.isEmpty()) {
            return;
        }
        if (!isHost(host)) {
            throw new Refusal(400, "Host is not a host");
        }
        if (!endpoint.hostAllowed().test(host.toLowerCase(Locale.ROOT))
                && !endpoint.anyHost().test(target.segments())) {
            endpoint.hostRefused().accept(host);
            throw new Refusal(
                    421,
                    "this server does not serve the host " + host + "; server.allowed_hosts lists those it"
                            + " serves, beside its own");
        }
    }

    /// Whether it is a name or an address, with or without a port.
    private static boolean isHost(String host) {
        int end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
        if (end < 0) {
            end = host.length();
        }
        if (end == 0) {
            return false;
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if ((i < end && !letter && "-._[]:".indexOf(c) < 0) || (i > end && !(c >= '0' && c <= '9'))) {
                return false;
            }
        }
        return end == host.length() || host.charAt(end) == ':';
    }

    /// Whether the request wants to become a WebSocket at all; [#upgrade] then says whether it may.
    static boolean wantsWebSocket(RequestHead head) {
        return head.fields().hasToken("Upgrade", "websocket");
    }

    /// Whether the client wants to keep the connection.
    static boolean wantsKeepAlive(RequestHead head) {
        return head.isHttp10()
                ? head.fields().hasToken("Connection", "keep-alive")
                : !head.fields().hasToken("Connection", "close");
    }

    /// Whether the body is compressed.
    ///
    /// @throws Refusal if it is in a way that nobody knows
    static boolean isGzipped(RequestHead head) {
        List<String> codings = head.fields().all("Content-Encoding");
        if (codings.isEmpty() || (codings.size() == 1 && codings.get(0).equalsIgnoreCase("identity"))) {
            return false;
        }
        if (codings.size() == 1
                && (codings.get(0).equalsIgnoreCase("gzip") || codings.get(0).equalsIgnoreCase("x-gzip"))) {
            return true;
        }
        throw new Refusal(415, "unknown content coding", Map.of("Accept-Encoding", "gzip"));
    }

    /// Whether the client would be told to go on before it sends the body.
    ///
    /// @throws Refusal if it expects something else
    static boolean expectsContinue(RequestHead head) {
        List<String> expectations = head.fields().all("Expect");
        if (expectations.isEmpty()) {
            return false;
        }
        if (expectations.size() > 1 || !expectations.get(0).equalsIgnoreCase("100-continue")) {
            throw new Refusal(417, "unknown expectation");
        }
        return true;
    }

    /// Checks the handshake and answers its key.
    static String upgrade(RequestHead head) {
        HeadFields fields = head.fields();
        if (!head.method().equals("GET")) {
            throw new Refusal(405, "a WebSocket is opened with GET", Map.of("Allow", "GET"));
        }
        if (head.isHttp10()) {
            throw new Refusal(400, "a WebSocket is opened with HTTP/1.1");
        }
        if (!fields.hasToken("Connection", "upgrade")) {
            throw new Refusal(400, "Connection does not name Upgrade");
        }
        if (head.bodyLength() != 0) {
            throw new Refusal(400, "an upgrade has no body");
        }
        if (fields.count("Sec-WebSocket-Version") != 1 || !"13".equals(fields.first("Sec-WebSocket-Version"))) {
            throw new Refusal(
                    426, "only WebSocket version 13", Map.of("Upgrade", "websocket", "Sec-WebSocket-Version", "13"));
        }
        String key = fields.first("Sec-WebSocket-Key");
        if (key == null || fields.count("Sec-WebSocket-Key") != 1 || !isKey(key)) {
            throw new Refusal(400, "exactly one Sec-WebSocket-Key of 16 bytes is needed");
        }
        return key;
    }

    private static boolean isKey(String key) {
        try {
            return key.length() == 24 && Base64.getDecoder().decode(key).length == 16;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// The subprotocols that the client offers, in its order; at most 32, the rest is ignored.
    static List<String> subprotocols(RequestHead head) {
        List<String> values = head.headers("Sec-WebSocket-Protocol");
        if (values.isEmpty()) {
            return List.of();
        }
        List<String> offered = new ArrayList<>();
        for (String value : values) {
            for (String token : value.split(",", 33)) {
                String name = token.strip();
                if (!name.isEmpty() && name.indexOf(',') < 0 && offered.size() < 32) {
                    offered.add(name);
                }
            }
        }
        return List.copyOf(offered);
    }
}
