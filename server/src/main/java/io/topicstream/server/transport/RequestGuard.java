package io.topicstream.server.transport;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Every check of a request head that does not need its body, in one place, before anything is routed
/// (RFC 9112; RFC 6455, 4.2.1). Each method returns what it made of the head or throws a [Refusal].
final class RequestGuard {
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS");
    private static final Map<String, String> ALLOW = Map.of("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

    private RequestGuard() {}

    static RequestHead check(HttpRequest request, SocketAddress remote, Predicate<String> hostAllowed) {
        String method = request.method().name();
        if (method.equals("CONNECT") || method.equals("TRACE")) {
            throw new Refusal(405, "method not allowed", ALLOW);
        }
        if (!METHODS.contains(method)) {
            throw new Refusal(501, "unknown method", ALLOW);
        }
        HttpHeaders headers = request.headers();
        framing(headers);
        String host = host(request, hostAllowed);
        String target = request.uri();
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
            return new RequestHead(method, target, List.of(), Map.of(), headers, remote);
        }
        if (!target.startsWith("/")) {
            throw new Refusal(400, "the request target must be a path");
        }
        int question = target.indexOf('?');
        String rawPath = question < 0 ? target : target.substring(0, question);
        Map<String, List<String>> query = question < 0 ? Map.of() : query(target.substring(question + 1));
        return new RequestHead(method, rawPath, segments(rawPath), query, headers, remote);
    }

    /// What could make two parsers disagree on where the request ends.
    private static void framing(HttpHeaders headers) {
        List<String> lengths = headers.getAll(HttpHeaderNames.CONTENT_LENGTH);
        List<String> codings = headers.getAll(HttpHeaderNames.TRANSFER_ENCODING);
        if (lengths.size() > 1 || codings.size() > 1 || (!lengths.isEmpty() && !codings.isEmpty())) {
            throw new Refusal(400, "the length of the body is ambiguous");
        }
        if (!lengths.isEmpty()) {
            String length = lengths.get(0);
            boolean digits = !length.isEmpty() && length.length() <= 18;
            for (int i = 0; i < length.length(); i++) {
                digits &= length.charAt(i) >= '0' && length.charAt(i) <= '9';
            }
            if (!digits) {
                throw new Refusal(400, "Content-Length is not a number");
            }
        }
        if (!codings.isEmpty() && !codings.get(0).equalsIgnoreCase("chunked")) {
            throw new Refusal(501, "unknown transfer coding");
        }
        // Netty reads eight bytes of body after a GET with one of these, a relic of a WebSocket draft.
        if (headers.contains("Sec-WebSocket-Key1") || headers.contains("Sec-WebSocket-Key2")) {
            throw new Refusal(400, "this draft of WebSocket is not supported");
        }
    }

    private static String host(HttpRequest request, Predicate<String> hostAllowed) {
        List<String> hosts = request.headers().getAll(HttpHeaderNames.HOST);
        if (hosts.isEmpty() && request.protocolVersion().equals(HttpVersion.HTTP_1_0)) {
            return "";
        }
        if (hosts.size() != 1 || hosts.get(0).isEmpty()) {
            throw new Refusal(400, "exactly one Host is needed");
        }
        String host = hosts.get(0);
        if (nameOf(host) == null) {
            throw new Refusal(400, "Host is not a host");
        }
        if (!hostAllowed.test(host.toLowerCase(Locale.ROOT))) {
            throw new Refusal(421, "this server does not serve that host");
        }
        return host;
    }

    /// The host without its port, in lower case; null if it is no host at all.
    private static @Nullable String nameOf(String host) {
        int end = host.startsWith("[") ? host.indexOf(']') + 1 : host.indexOf(':');
        if (end < 0) {
            end = host.length();
        }
        if (end == 0) {
            return null;
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if ((i < end && !letter && "-._[]:".indexOf(c) < 0) || (i > end && !(c >= '0' && c <= '9'))) {
                return null;
            }
        }
        if (end < host.length() && host.charAt(end) != ':') {
            return null;
        }
        return host.substring(0, end).toLowerCase(Locale.ROOT);
    }

    private static List<String> segments(String rawPath) {
        List<String> segments = new ArrayList<>(4);
        int from = 1;
        while (true) {
            int slash = rawPath.indexOf('/', from);
            segments.add(PercentDecoding.segment(slash < 0 ? rawPath.substring(from) : rawPath.substring(from, slash)));
            if (slash < 0) {
                return List.copyOf(segments);
            }
            from = slash + 1;
        }
    }

    private static Map<String, List<String>> query(String raw) {
        Map<String, List<String>> query = new LinkedHashMap<>();
        int from = 0;
        while (from <= raw.length()) {
            int end = raw.indexOf('&', from);
            if (end < 0) {
                end = raw.length();
            }
            if (end > from) {
                int equals = raw.indexOf('=', from);
                int nameEnd = equals < 0 || equals > end ? end : equals;
                String value = nameEnd == end ? "" : raw.substring(nameEnd + 1, end);
                query.computeIfAbsent(
                                PercentDecoding.parameter(raw.substring(from, nameEnd)), name -> new ArrayList<>(1))
                        .add(PercentDecoding.parameter(value));
            }
            from = end + 1;
        }
        return query;
    }

    /// Whether the request wants to become a WebSocket at all; [#upgrade] then says whether it may.
    static boolean wantsWebSocket(HttpRequest request) {
        return hasToken(request.headers(), HttpHeaderNames.UPGRADE, "websocket");
    }

    /// Checks the handshake and answers its key.
    static String upgrade(HttpRequest request) {
        HttpHeaders headers = request.headers();
        if (!request.method().name().equals("GET")) {
            throw new Refusal(405, "a WebSocket is opened with GET", Map.of("Allow", "GET"));
        }
        if (!request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
            throw new Refusal(400, "a WebSocket is opened with HTTP/1.1");
        }
        if (!hasToken(headers, HttpHeaderNames.CONNECTION, "upgrade")) {
            throw new Refusal(400, "Connection does not name Upgrade");
        }
        String length = headers.get(HttpHeaderNames.CONTENT_LENGTH);
        if (headers.contains(HttpHeaderNames.TRANSFER_ENCODING) || (length != null && !length.equals("0"))) {
            throw new Refusal(400, "an upgrade has no body");
        }
        List<String> versions = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_VERSION);
        if (versions.size() != 1 || !versions.get(0).equals("13")) {
            throw new Refusal(426, "only WebSocket version 13", Map.of("Sec-WebSocket-Version", "13"));
        }
        List<String> keys = headers.getAll(HttpHeaderNames.SEC_WEBSOCKET_KEY);
        if (keys.size() != 1 || !isKey(keys.get(0))) {
            throw new Refusal(400, "exactly one Sec-WebSocket-Key of 16 bytes is needed");
        }
        return keys.get(0);
    }

    private static boolean isKey(String key) {
        try {
            return key.length() == 24 && Base64.getDecoder().decode(key).length == 16;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /// The subprotocols that the client offers, in its order; at most 32, the rest is ignored.
    static List<String> subprotocols(HttpRequest request) {
        List<String> offered = new ArrayList<>();
        for (String value : request.headers().getAll(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL)) {
            for (String token : value.split(",", 33)) {
                String name = token.strip();
                if (!name.isEmpty() && name.indexOf(',') < 0 && offered.size() < 32) {
                    offered.add(name);
                }
            }
        }
        return List.copyOf(offered);
    }

    static boolean hasToken(HttpHeaders headers, CharSequence name, String token) {
        for (String value : headers.getAll(name)) {
            for (String part : value.split(",", -1)) {
                if (part.strip().equalsIgnoreCase(token)) {
                    return true;
                }
            }
        }
        return false;
    }
}
