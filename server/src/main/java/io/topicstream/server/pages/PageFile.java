package io.topicstream.server.pages;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// One file of a page, as it is sent: as it is, and compressed where that is smaller. Immutable.
///
/// @param type its `Content-Type`
/// @param gzip the same as `plain` where it is not compressed
record PageFile(String type, Form plain, Form gzip) {
    /// Below it the build names files by what is in them: what has such a name never changes.
    private static final String HASHED = "assets/";

    private static final Map<String, String> TYPES = Map.of(
            "css", "text/css; charset=utf-8",
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "json", "application/json",
            "md", "text/plain; charset=utf-8",
            "png", "image/png",
            "svg", "image/svg+xml",
            "txt", "text/plain; charset=utf-8",
            "webmanifest", "application/manifest+json",
            "woff2", "font/woff2");
    private static final Set<String> COMPRESSED = Set.of("png", "woff2");

    /// The bytes in one coding.
    ///
    /// @param fields of an answer with them
    /// @param unchanged fields of an answer that says that the browser has them
    record Form(byte[] bytes, Map<String, String> fields, Map<String, String> unchanged) {
        /// Whether a request names this form as one that its sender has. The comparison is weak: a proxy that
        /// compresses makes tags weak (RFC 9110, 13.1.2).
        boolean isAmong(List<String> ifNoneMatch) {
            String tag = unchanged.get("ETag");
            return ifNoneMatch.stream()
                    .flatMap(line -> Arrays.stream(line.split(",", -1)))
                    .map(String::strip)
                    .anyMatch(each -> each.equals("*") || each.equals(tag) || each.equals("W/" + tag));
        }
    }

    /// @param path below the folder of the page
    /// @param common fields of all answers
    static PageFile of(String path, byte[] bytes, Map<String, String> common) {
        String ending = path.substring(path.lastIndexOf('.') + 1);
        Map<String, String> fields = new HashMap<>(common);
        fields.put("Cache-Control", path.startsWith(HASHED) ? "public, max-age=31536000, immutable" : "no-cache");
        fields.put("Vary", "Accept-Encoding");
        byte[] smaller = COMPRESSED.contains(ending) ? bytes : compress(bytes);
        String tag = digest(bytes);
        Form plain = form(bytes, fields, tag, Map.of());
        Form gzip = smaller.length < bytes.length
                ? form(smaller, fields, tag + "-gzip", Map.of("Content-Encoding", "gzip"))
                : plain;
        return new PageFile(TYPES.getOrDefault(ending, "application/octet-stream"), plain, gzip);
    }

    private static Form form(byte[] bytes, Map<String, String> fields, String tag, Map<String, String> more) {
        Map<String, String> unchanged = new HashMap<>(fields);
        unchanged.put("ETag", "\"" + tag + "\"");
        Map<String, String> all = new HashMap<>(unchanged);
        all.putAll(more);
        return new Form(bytes, Map.copyOf(all), Map.copyOf(unchanged));
    }

    private static String digest(byte[] bytes) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return Base64.getUrlEncoder().withoutPadding().encodeToString(Arrays.copyOf(digest, 15));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }

    /// As small as it gets: it is done once, at the start.
    private static byte[] compress(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length / 2 + 64);
        try (GZIPOutputStream gzip = new SmallGzip(out)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return out.toByteArray();
    }

    private static final class SmallGzip extends GZIPOutputStream {
        SmallGzip(ByteArrayOutputStream out) throws IOException {
            super(out, 8192);
            def.setLevel(Deflater.BEST_COMPRESSION);
        }
    }
}
