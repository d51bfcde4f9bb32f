package io.topicstream.transport;

import java.net.SocketAddress;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The head of a request that passed every check of the transport. Immutable.
public final class RequestHead {
    /// As a [#bodyLength]: the body comes in chunks.
    static final long CHUNKED = -1;

    private final String method;
    private final RequestTarget target;
    private final boolean http10;
    private final HeadFields fields;
    private final long bodyLength;
    private final SocketAddress remoteAddress;
    private final RequestSource source;

    RequestHead(
            String method,
            RequestTarget target,
            boolean http10,
            HeadFields fields,
            long bodyLength,
            SocketAddress remoteAddress,
            RequestSource source) {
        this.method = method;
        this.target = target;
        this.http10 = http10;
        this.fields = fields;
        this.bodyLength = bodyLength;
        this.remoteAddress = remoteAddress;
        this.source = source;
    }

    /// One of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS. To HEAD answer as to GET; the body is left out.
    public String method() {
        return method;
    }

    /// The path as it came, without the query, starting with a slash (or `*` of `OPTIONS *`).
    public String rawPath() {
        return target.rawPath();
    }

    /// The query as it came, without the question mark; empty for none. A token may stand there.
    public String rawQuery() {
        return target.rawQuery();
    }

    /// The path, percent-decoded once. No segment holds a slash, so [#segments] says the same unambiguously.
    public String path() {
        return target.equals(RequestTarget.ASTERISK) ? rawPath() : "/" + String.join("/", segments());
    }

    /// What stands between the slashes of the path, each percent-decoded once. `/` has one empty segment, a
    /// trailing slash makes an empty last one.
    public List<String> segments() {
        return target.segments();
    }

    /// The first value of a query parameter.
    public @Nullable String query(String name) {
        List<String> values = query().get(name);
        return values == null ? null : values.get(0);
    }

    /// All query parameters in their order, decoded.
    public Map<String, List<String>> query() {
        return target.query();
    }

    /// The first value of a header field, whatever the case of its name.
    public @Nullable String header(String name) {
        return fields.first(name);
    }

    /// All values of a header field.
    public List<String> headers(String name) {
        return fields.all(name);
    }

    /// All header fields in their order.
    public List<Map.Entry<String, String>> headers() {
        return fields.entries();
    }

    HeadFields fields() {
        return fields;
    }

    boolean isHttp10() {
        return http10;
    }

    /// In bytes as they come over the wire, or [#CHUNKED].
    long bodyLength() {
        return bodyLength;
    }

    /// Who is at the other end of the socket: which connection it is, not whose. [#source] says that.
    public SocketAddress remoteAddress() {
        return remoteAddress;
    }

    /// Where the request comes from.
    public RequestSource source() {
        return source;
    }

    /// The host that the client asked for: what a trusted proxy says, else the header `Host`.
    public @Nullable String host() {
        String forwarded = source.host();
        return forwarded == null ? header("Host") : forwarded;
    }

    /// Method and path, never the query: a token may stand there.
    @Override
    public String toString() {
        return method + " " + rawPath();
    }
}
