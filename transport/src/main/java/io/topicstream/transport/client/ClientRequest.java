package io.topicstream.transport.client;

import java.util.List;
import java.util.Map;

/// A request as it goes out. What it consists of was checked: no text of it has line breaks or other control
/// characters, nor anything beyond ISO 8859-1.
///
/// @param host a name or an address, one of IPv6 in brackets
/// @param port 1 to 65535
/// @param method in capitals
/// @param target path and query, encoded; it begins with a slash
/// @param fields without `Host`, `Content-Length`, `Connection` and `Transfer-Encoding`, which are the client's
/// @param body the client's from then on; not to be changed
public record ClientRequest(
        String host, int port, String method, String target, Map<String, List<String>> fields, byte[] body) {
    private static final int PLAIN_PORT = 80;

    boolean isHead() {
        return method.equals("HEAD");
    }

    /// Whether it changes nothing at the server, so that it may be sent twice (RFC 9110, 9.2.1).
    boolean isSafe() {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS" -> true;
            default -> false;
        };
    }

    /// Whether its length is told though it is 0 (RFC 9110, 8.6).
    boolean tellsNoBody() {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "DELETE" -> false;
            default -> true;
        };
    }

    String authority() {
        return port == PLAIN_PORT ? host : host + ":" + port;
    }
}
