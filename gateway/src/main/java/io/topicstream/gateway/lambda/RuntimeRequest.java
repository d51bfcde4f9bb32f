package io.topicstream.gateway.lambda;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A request to the runtime API, as far as such requests need HTTP.
///
/// @param method for instance `POST`
/// @param path as it was sent
/// @param fields by their names in small letters; of several of one name the last
/// @param body null where it was larger than allowed; then it was read and thrown away
/// @param bodyBytes how long the body is, as it says itself; -1 where it does not
record RuntimeRequest(String method, String path, Map<String, String> fields, byte @Nullable [] body, long bodyBytes) {
    private static final int MAX_LINE_BYTES = 8 << 10;
    private static final int MAX_LINES = 64;
    /// So much of what is too large is read, so that the client reads the answer.
    private static final long MAX_SKIPPED_BYTES = 256 << 20;
    private static final int CHUNK_BYTES = 64 << 10;
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1);

    /// The next request of a connection.
    ///
    /// @param maxBodyBytes how long a body may be
    /// @param out where a client is told that its body is awaited
    /// @return null at the end of the connection
    /// @throws IOException if it is no HTTP, or the connection breaks
    static @Nullable RuntimeRequest read(InputStream in, OutputStream out, int maxBodyBytes) throws IOException {
        @Nullable String first = line(in);
        if (first == null) {
            return null;
        }
        String[] parts = first.split(" ", -1);
        if (parts.length != 3 || !parts[2].startsWith("HTTP/1.")) {
            throw new IOException("no request of HTTP/1");
        }
        Map<String, String> fields = fields(in);
        if (fields.getOrDefault("expect", "").equalsIgnoreCase("100-continue")) {
            out.write(CONTINUE);
            out.flush();
        }
        if (fields.getOrDefault("transfer-encoding", "").equalsIgnoreCase("chunked")) {
            return new RuntimeRequest(parts[0], parts[1], fields, chunked(in, maxBodyBytes), -1);
        }
        long length = number(fields.getOrDefault("content-length", "0"), 10);
        if (length > maxBodyBytes) {
            requireBearable(length);
            in.skipNBytes(length);
            return new RuntimeRequest(parts[0], parts[1], fields, null, length);
        }
        byte[] body = in.readNBytes((int) length);
        if (body.length < length) {
            throw new IOException("the body was cut short");
        }
        return new RuntimeRequest(parts[0], parts[1], fields, body, length);
    }

    private static Map<String, String> fields(InputStream in) throws IOException {
        Map<String, String> fields = new HashMap<>();
        for (int lines = 0; ; lines++) {
            @Nullable String line = line(in);
            if (line == null || lines > MAX_LINES) {
                throw new IOException("the head was cut short, or is too long");
            }
            if (line.isEmpty()) {
                return fields;
            }
            int colon = line.indexOf(':');
            if (colon < 1) {
                throw new IOException("a header line has no name");
            }
            fields.put(
                    line.substring(0, colon).toLowerCase(Locale.ROOT),
                    line.substring(colon + 1).strip());
        }
    }

    private static byte @Nullable [] chunked(InputStream in, int maxBodyBytes) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        long total = 0;
        while (true) {
            @Nullable String head = line(in);
            if (head == null) {
                throw new IOException("the body was cut short");
            }
            long length = number(head.replaceFirst(";.*", "").strip(), 16);
            if (length == 0) {
                var _ = fields(in);
                return total > maxBodyBytes ? null : all.toByteArray();
            }
            total += length;
            requireBearable(total);
            for (long left = length; left > 0; ) {
                byte[] part = in.readNBytes((int) Math.min(left, CHUNK_BYTES));
                if (part.length == 0) {
                    throw new IOException("the body was cut short");
                }
                if (total <= maxBodyBytes) {
                    all.writeBytes(part);
                }
                left -= part.length;
            }
            if (!"".equals(line(in))) {
                throw new IOException("a chunk has no end");
            }
        }
    }

    private static void requireBearable(long bytes) throws IOException {
        if (bytes > MAX_SKIPPED_BYTES) {
            throw new IOException("a body of " + bytes + " bytes");
        }
    }

    private static long number(String text, int radix) throws IOException {
        try {
            long number = Long.parseLong(text, radix);
            if (number >= 0) {
                return number;
            }
        } catch (NumberFormatException _) {
            // Told below.
        }
        throw new IOException("a length that is no number");
    }

    private static @Nullable String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        while (true) {
            int next = in.read();
            if (next < 0) {
                if (line.isEmpty()) {
                    return null;
                }
                throw new IOException("a line was cut short");
            }
            if (next == '\n') {
                int end = line.length() - 1;
                return end >= 0 && line.charAt(end) == '\r' ? line.substring(0, end) : line.toString();
            }
            if (line.length() >= MAX_LINE_BYTES) {
                throw new IOException("a line is too long");
            }
            line.append((char) next);
        }
    }
}
