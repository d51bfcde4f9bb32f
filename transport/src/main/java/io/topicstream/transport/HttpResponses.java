package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/// How answers look on the wire.
final class HttpResponses {
    private static final byte[] CRLF = {'\r', '\n'};
    private static final byte[] OK_LINE = "HTTP/1.1 200 OK\r\n".getBytes(US_ASCII);
    private static final byte[] JSON_AND_LENGTH =
            "Content-Type: application/json\r\nContent-Length: ".getBytes(US_ASCII);
    private static final byte[] SWITCHING =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                    .getBytes(US_ASCII);
    private static final byte[] SUBPROTOCOL = "\r\nSec-WebSocket-Protocol: ".getBytes(US_ASCII);

    private HttpResponses() {}

    /// Writes the status line and the header fields without the empty line that ends them.
    static void writeHead(ByteBuf out, int status, String date, Map<String, String> headers) {
        writeStatus(out, status);
        if (!date.isEmpty()) {
            writeField(out, "Date", date);
        }
        headers.forEach((name, value) -> writeField(out, name, value));
    }

    private static void writeStatus(ByteBuf out, int status) {
        if (status == 200) {
            out.writeBytes(OK_LINE);
        } else {
            out.writeCharSequence("HTTP/1.1 " + status + " " + reason(status), US_ASCII);
            out.writeBytes(CRLF);
        }
    }

    /// The words that go with a status (RFC 9110, 15; RFC 6585), for people who look at the wire.
    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 201 -> "Created";
            case 202 -> "Accepted";
            case 204 -> "No Content";
            case 304 -> "Not Modified";
            case 308 -> "Permanent Redirect";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 408 -> "Request Timeout";
            case 409 -> "Conflict";
            case 410 -> "Gone";
            case 412 -> "Precondition Failed";
            case 413 -> "Content Too Large";
            case 414 -> "URI Too Long";
            case 415 -> "Unsupported Media Type";
            case 417 -> "Expectation Failed";
            case 421 -> "Misdirected Request";
            case 422 -> "Unprocessable Content";
            case 426 -> "Upgrade Required";
            case 429 -> "Too Many Requests";
            case 431 -> "Request Header Fields Too Large";
            case 500 -> "Internal Server Error";
            case 501 -> "Not Implemented";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            case 505 -> "HTTP Version Not Supported";
            default ->
                status < 300 ? "Successful" : status < 400 ? "Redirection" : status < 500 ? "Client Error" : "Error";
        };
    }

    /// Writes the head of an answer that is JSON text, up to where further fields go.
    ///
    /// @param dateLine the field `Date`, encoded, between two line ends
    static void writeJsonHead(ByteBuf out, int status, byte[] dateLine, int length) {
        writeStatus(out, status);
        out.writeBytes(JSON_AND_LENGTH);
        writeNumber(out, length);
        out.writeBytes(dateLine);
    }

    private static void writeNumber(ByteBuf out, int number) {
        int divisor = 1;
        while (number / divisor >= 10) {
            divisor *= 10;
        }
        for (; divisor > 0; divisor /= 10) {
            out.writeByte('0' + number / divisor % 10);
        }
    }

    /// Writes the whole answer by which a connection becomes a WebSocket.
    static void writeSwitching(ByteBuf out, byte[] acceptKey, @Nullable String subprotocol) {
        out.writeBytes(SWITCHING).writeBytes(acceptKey);
        if (subprotocol != null) {
            out.writeBytes(SUBPROTOCOL);
            out.writeCharSequence(subprotocol, US_ASCII);
        }
        out.writeBytes(CRLF).writeBytes(CRLF);
    }

    static void writeField(ByteBuf out, String name, String value) {
        out.writeCharSequence(name, US_ASCII);
        out.writeByte(':').writeByte(' ');
        out.writeCharSequence(value, US_ASCII);
        out.writeBytes(CRLF);
    }

    static void endHead(ByteBuf out) {
        out.writeBytes(CRLF);
    }

    /// Refuses header fields that would end their line early (response splitting).
    static void requireFields(@Nullable String contentType, Map<String, String> headers) {
        if (contentType != null) {
            requireText("Content-Type", contentType);
        }
        headers.forEach((name, value) -> {
            for (int i = 0; i < name.length(); i++) {
                char c = name.charAt(i);
                if (c <= ' ' || c >= 0x7F || c == ':') {
                    throw new IllegalArgumentException("not a header field name");
                }
            }
            requireText(name, value);
        });
    }

    private static void requireText(String name, String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if ((c < ' ' && c != '\t') || c >= 0x7F) {
                throw new IllegalArgumentException("value of header field " + name + " is not printable ASCII");
            }
        }
    }

    /// The one shape of all errors.
    static byte[] errorBody(String code, String text) {
        StringBuilder json = new StringBuilder(text.length() + code.length() + 24).append("{\"error\":\"");
        escape(json, text);
        json.append("\",\"code\":\"");
        escape(json, code);
        return json.append("\"}").toString().getBytes(UTF_8);
    }

    private static void escape(StringBuilder json, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ' || c >= 0x7F) {
                json.append("\\u").append(String.format("%04x", (int) c));
            } else {
                json.append(c);
            }
        }
    }

    static boolean isText(@Nullable String contentType) {
        return contentType != null
                && (contentType.startsWith("application/json")
                        || contentType.startsWith("application/x-ndjson")
                        || contentType.startsWith("text/"));
    }

    static byte[] gzip(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length / 3 + 64);
        try (FastGzip gzip = new FastGzip(out)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return out.toByteArray();
    }

    /// Undoes gzip, and stops with 413 as soon as the result is larger than `mostBytes`.
    static byte[] gunzip(byte[] body, int mostBytes) {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(body), 4096)) {
            byte[] inflated = in.readNBytes(mostBytes);
            if (in.read() >= 0) {
                throw new Refusal(413, "the inflated body is larger than " + mostBytes + " bytes");
            }
            return inflated;
        } catch (IOException e) {
            throw new Refusal(400, "the body is not gzip");
        }
    }

    /// gzip at the level that costs least time: it runs on the event loop.
    private static final class FastGzip extends GZIPOutputStream {
        FastGzip(ByteArrayOutputStream out) throws IOException {
            super(out, 8192);
            def.setLevel(1);
        }
    }
}
