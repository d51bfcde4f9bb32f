package io.topicstream.transport;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Puts whole answers together: which fields each of them has, what of it is compressed, and whether the connection
/// ends with it. One for each loop.
final class HttpAnswers {
    /// About what a head takes, in bytes, besides the fields that an answer brings along.
    static final int HEAD_BYTES = 256;

    private static final List<String> OWN_FIELDS =
            List.of("Content-Type", "Content-Length", "Connection", "Transfer-Encoding", "Date");

    private static final int LARGEST_GZIP_BYTES = 4 * 1024 * 1024;

    private final LoopClock clock;
    private final int gzipFromBytes;

    HttpAnswers(HttpLimits limits, LoopClock clock) {
        this.clock = clock;
        this.gzipFromBytes = limits.gzipFromBytes();
    }

    /// Writes an answer whose fields are given by name.
    void write(
            ByteBuf out,
            HttpExchange exchange,
            int status,
            @Nullable String contentType,
            Map<String, String> headers,
            byte[] content) {
        Map<String, String> all = headers;
        byte[] sent = content;
        if (sent.length >= gzipFromBytes
                && HttpResponses.isText(contentType)
                && !containsName(headers, "Content-Encoding")) {
            all = new LinkedHashMap<>(headers);
            all.merge("Vary", "Accept-Encoding", (own, added) -> own.contains(added) ? own : own + ", " + added);
            if (isCompressed(exchange, sent.length)) {
                sent = HttpResponses.gzip(sent);
                all.put("Content-Encoding", "gzip");
            }
        }
        boolean noContent = isWithoutBody(status);
        HttpResponses.writeHead(out, status, clock.date(), all);
        if (contentType != null) {
            HttpResponses.writeField(out, "Content-Type", contentType);
        }
        if (!noContent) {
            HttpResponses.writeField(out, "Content-Length", Integer.toString(sent.length));
        }
        writeConnection(out, exchange);
        HttpResponses.endHead(out);
        if (!noContent && !exchange.withoutBody) {
            out.writeBytes(sent);
        }
    }

    /// Writes an answer whose body is JSON and whose fields are encoded.
    void writeJson(
            ByteBuf out,
            HttpExchange exchange,
            int status,
            byte[] fields,
            int fieldsLength,
            byte[] json,
            int jsonLength) {
        boolean large = jsonLength >= gzipFromBytes;
        boolean gzip = large && isCompressed(exchange, jsonLength);
        byte[] sent = gzip ? HttpResponses.gzip(Arrays.copyOf(json, jsonLength)) : json;
        int sentLength = gzip ? sent.length : jsonLength;
        HttpResponses.writeJsonHead(out, status, clock.dateLine(), sentLength);
        out.writeBytes(fields, 0, fieldsLength);
        if (large) {
            HttpResponses.writeField(out, "Vary", "Accept-Encoding");
        }
        if (gzip) {
            HttpResponses.writeField(out, "Content-Encoding", "gzip");
        }
        writeConnection(out, exchange);
        HttpResponses.endHead(out);
        if (!exchange.withoutBody) {
            out.writeBytes(sent, 0, sentLength);
        }
    }

    /// Writes the head of an answer that comes in pieces.
    void writeStreamHead(
            ByteBuf out, HttpExchange exchange, int status, String contentType, Map<String, String> headers) {
        HttpResponses.writeHead(out, status, clock.date(), headers);
        HttpResponses.writeField(out, "Content-Type", contentType);
        if (exchange.http10 || !exchange.keepAlive) {
            HttpResponses.writeField(out, "Connection", "close");
        }
        if (!exchange.http10) {
            HttpResponses.writeField(out, "Transfer-Encoding", "chunked");
        }
        HttpResponses.endHead(out);
    }

    /// Writes the last answer of a connection.
    void writeLast(ByteBuf out, int status, @Nullable String contentType, byte[] body, Map<String, String> headers) {
        HttpResponses.writeHead(out, status, clock.date(), headers);
        if (contentType != null) {
            HttpResponses.writeField(out, "Content-Type", contentType);
        }
        if (!isWithoutBody(status)) {
            HttpResponses.writeField(out, "Content-Length", Integer.toString(body.length));
        }
        HttpResponses.writeField(out, "Connection", "close");
        HttpResponses.endHead(out);
        out.writeBytes(body);
    }

    /// Whether an answer of this status has no body by its nature (RFC 9110, 6.4.1).
    static boolean isWithoutBody(int status) {
        return status == 204 || status == 304;
    }

    /// Refuses header fields that are written here.
    static void requireForeign(Map<String, String> headers) {
        for (String name : OWN_FIELDS) {
            if (containsName(headers, name)) {
                throw new IllegalArgumentException("the field " + name + " is the transport's own");
            }
        }
    }

    private static void writeConnection(ByteBuf out, HttpExchange exchange) {
        if (!exchange.keepAlive) {
            HttpResponses.writeField(out, "Connection", "close");
        } else if (exchange.http10) {
            HttpResponses.writeField(out, "Connection", "keep-alive");
        }
    }

    private static boolean isCompressed(HttpExchange exchange, int length) {
        return length <= LARGEST_GZIP_BYTES
                && AcceptedCodings.acceptsGzip(exchange.head().header("Accept-Encoding"));
    }

    private static boolean containsName(Map<String, String> headers, String name) {
        for (String key : headers.keySet()) {
            if (key.equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }
}
