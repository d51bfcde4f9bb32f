package io.topicstream.server.transport;

import io.netty.handler.codec.http.HttpHeaders;
import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The head of a request that passed every check of the transport. Immutable.
public final class RequestHead {
    private final String method;
    private final String rawPath;
    private final List<String> segments;
    private final Map<String, List<String>> query;
    private final HttpHeaders headers;
    private final SocketAddress remoteAddress;

    RequestHead(
            String method,
            String rawPath,
            List<String> segments,
            Map<String, List<String>> query,
            HttpHeaders headers,
            SocketAddress remoteAddress) {
        this.method = method;
        this.rawPath = rawPath;
        this.segments = segments;
        this.query = query;
        this.headers = headers;
        this.remoteAddress = remoteAddress;
    }

    /// One of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS. To HEAD answer as to GET; the body is left out.
    public String method() {
        return method;
    }

    /// The path as it came, without the query, starting with a slash (or `*` of `OPTIONS *`).
    public String rawPath() {
        return rawPath;
    }

    /// The path, percent-decoded once. No segment holds a slash, so [#segments] says the same unambiguously.
    public String path() {
        return rawPath.equals("*") ? rawPath : "/" + String.join("/", segments);
    }

    /// What stands between the slashes of the path, each percent-decoded once. `/` has one empty segment, a
    /// trailing slash makes an empty last one.
    public List<String> segments() {
        return segments;
    }

    /// The first value of a query parameter.
    public @Nullable String query(String name) {
        List<String> values = query.get(name);
        return values == null ? null : values.get(0);
    }

    /// All query parameters in their order, decoded.
    public Map<String, List<String>> query() {
        return query;
    }

    /// The first value of a header field, whatever the case of its name.
    public @Nullable String header(String name) {
        return headers.get(name);
    }

    /// All values of a header field.
    public List<String> headers(String name) {
        return headers.getAll(name);
    }

    /// All header fields in their order.
    public List<Map.Entry<String, String>> headers() {
        return headers.entries();
    }

    /// Who is at the other end of the socket.
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    /// Method and path, never the query: a token may stand there.
    @Override
    public String toString() {
        return method + " " + rawPath;
    }
}
