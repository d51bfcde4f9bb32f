package io.topicstream.transport.client;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.topicstream.transport.client.ClientConnection.Origin;
import java.util.List;
import java.util.Map;

/// A request but for its body: encoded once, sent any number of times. Immutable.
public final class ClientRequest {
    private static final int PLAIN_PORT = 80;

    final Origin origin;
    private final String method;
    private final byte[] head;

    /// What it consists of was checked: no text of it has line breaks or other control characters, nor anything
    /// beyond ISO 8859-1.
    ///
    /// @param host a name or an address, one of IPv6 in brackets
    /// @param port 1 to 65535
    /// @param method in capitals
    /// @param target path and query, encoded; it begins with a slash
    /// @param fields without `Host`, `Content-Length`, `Connection` and `Transfer-Encoding`, which are the client's
    public ClientRequest(String host, int port, String method, String target, Map<String, List<String>> fields) {
        this.origin = new Origin(host, port);
        this.method = method;
        StringBuilder made = new StringBuilder(method).append(' ').append(target);
        made.append(" HTTP/1.1\r\nHost: ").append(host);
        if (port != PLAIN_PORT) {
            made.append(':').append(port);
        }
        made.append("\r\n");
        append(fields, made);
        this.head = made.toString().getBytes(ISO_8859_1);
    }

    private static void append(Map<String, List<String>> fields, StringBuilder made) {
        for (Map.Entry<String, List<String>> field : fields.entrySet()) {
            for (String value : field.getValue()) {
                made.append(field.getKey()).append(": ").append(value).append("\r\n");
            }
        }
    }

    /// The head as it goes out, but for its end. It stays this object's.
    byte[] head() {
        return head;
    }

    /// The end of the head of one call.
    ///
    /// @param fields that go with it
    byte[] endOfHead(Map<String, List<String>> fields, int bodyBytes) {
        StringBuilder made = new StringBuilder();
        append(fields, made);
        if (bodyBytes > 0 || tellsNoBody()) {
            made.append("Content-Length: ").append(bodyBytes).append("\r\n");
        }
        return made.append("\r\n").toString().getBytes(ISO_8859_1);
    }

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
    private boolean tellsNoBody() {
        return switch (method) {
            case "GET", "HEAD", "OPTIONS", "DELETE" -> false;
            default -> true;
        };
    }
}
