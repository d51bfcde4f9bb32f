package io.topicstream.gateway.http;

import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// A request to an HTTP server, but for its body: what may be the same for many messages.
///
/// @param method a token of HTTP, in capitals
/// @param uri with the scheme `http` or `https` and a host
/// @param headers without line breaks and other control characters, nor characters beyond ISO 8859-1; those of the
///     connection and of the framing are not among them
public record HttpCall(String method, URI uri, Map<String, List<String>> headers) {
    private static final Set<String> OF_THE_CLIENT =
            Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

    private static final String ANYWHERE = "http://localhost";

    /// @throws IllegalArgumentException if one of them is not so
    public HttpCall {
        require(isToken(method), "the method is none");
        require(uri.getHost() != null, "it names no host");
        check(headers);
    }

    /// Says whether header fields may be sent, of a call or with one.
    ///
    /// @throws IllegalArgumentException if not
    public static void check(Map<String, List<String>> headers) {
        headers.forEach((name, values) -> {
            if (!isToken(name) || OF_THE_CLIENT.contains(name.toLowerCase(Locale.ROOT))) {
                throw new IllegalArgumentException("the header field " + name + " is not to be sent");
            }
            for (String value : values) {
                if (!isValue(value)) {
                    throw new IllegalArgumentException("the header field " + name + " has illegal characters");
                }
            }
        });
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalArgumentException(otherwise);
        }
    }

    /// Whether it may be a method or the name of a field (RFC 9110, 5.6.2).
    public static boolean isToken(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
            if (!letter && (c <= ' ' || c >= 0x7F || "!#$%&'*+-.^_`|~".indexOf(c) < 0)) {
                return false;
            }
        }
        return !text.isEmpty();
    }

    private static boolean isValue(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < ' ' && c != '\t') || c == 0x7F || c > 0xFF) {
                return false;
            }
        }
        return true;
    }

    /// Path and query as they go into the request line: ASCII, and with a slash in front.
    public String target() {
        String path = uri.getRawPath();
        String query = uri.getRawQuery();
        String target = (path == null || path.isEmpty() ? "/" : path) + (query == null ? "" : "?" + query);
        for (int i = 0; i < target.length(); i++) {
            if (target.charAt(i) > 0x7F) {
                return URI.create(ANYWHERE + target).toASCIIString().substring(ANYWHERE.length());
            }
        }
        return target;
    }
}
