package io.topicstream.gateway.signature;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/// What both ends of signature version 4 compute alike, as AWS describes it in "Create a signed AWS API request".
final class Canonical {
    static final String ALGORITHM = "AWS4-HMAC-SHA256";
    static final String TERMINATOR = "aws4_request";
    static final String UNSIGNED_PAYLOAD = "UNSIGNED-PAYLOAD";

    static final String AUTHORIZATION = "Authorization";
    static final String ALGORITHM_PARAMETER = "X-Amz-Algorithm";
    static final String CREDENTIAL = "X-Amz-Credential";
    static final String DATE = "X-Amz-Date";
    static final String EXPIRES = "X-Amz-Expires";
    static final String SIGNED_HEADERS = "X-Amz-SignedHeaders";
    static final String SIGNATURE = "X-Amz-Signature";
    static final String SECURITY_TOKEN = "X-Amz-Security-Token";
    static final String CONTENT_SHA256 = "X-Amz-Content-Sha256";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

    private static final String HMAC = "HmacSHA256";

    private Canonical() {}

    /// A time as requests have it, for instance `20150830T123600Z`.
    static String time(Instant instant) {
        return TIME.format(instant);
    }

    /// What such a time stands for.
    ///
    /// @throws java.time.DateTimeException if the text is no such time
    static Instant instant(String time) {
        return Instant.from(TIME.parse(time));
    }

    /// For which day, region and service a signature holds.
    ///
    /// @param day for instance `20150830`
    record Scope(String day, String region, String service) {
        @Override
        public String toString() {
            return day + "/" + region + "/" + service + "/" + TERMINATOR;
        }
    }

    /// The text of a request that is signed.
    ///
    /// @param path already encoded once more
    /// @param query encoded and sorted
    /// @param headers a line for each field that is signed
    /// @param signedHeaders their names, with semicolons between them
    static String request(
            String method, String path, String query, String headers, String signedHeaders, String payloadHash) {
        return method + "\n" + path + "\n" + query + "\n" + headers + "\n" + signedHeaders + "\n" + payloadHash;
    }

    /// The text whose HMAC is the signature.
    static String stringToSign(String time, Scope scope, String request) {
        return ALGORITHM + "\n" + time + "\n" + scope + "\n" + sha256(request.getBytes(UTF_8));
    }

    /// The signature, in hexadecimal digits.
    static String signature(String secret, Scope scope, String stringToSign) {
        byte[] key = hmac(("AWS4" + secret).getBytes(UTF_8), scope.day());
        key = hmac(key, scope.region());
        key = hmac(key, scope.service());
        key = hmac(key, TERMINATOR);
        return HexFormat.of().formatHex(hmac(key, stringToSign));
    }

    private static byte[] hmac(byte[] key, String text) {
        try {
            Mac mac = Mac.getInstance(HMAC);
            mac.init(new SecretKeySpec(key, HMAC));
            return mac.doFinal(text.getBytes(UTF_8));
        } catch (GeneralSecurityException e) {
            throw new AssertionError("Every Java has HMAC-SHA-256.", e);
        }
    }

    /// The SHA-256 of bytes, in hexadecimal digits.
    static String sha256(byte[] bytes) {
        return HexFormat.of().formatHex(digest(bytes));
    }

    static byte[] digest(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (GeneralSecurityException e) {
            throw new AssertionError("Every Java has SHA-256.", e);
        }
    }

    /// The line of a header field: all its values, without needless spaces.
    static void header(StringBuilder lines, String name, List<String> values) {
        StringJoiner joined = new StringJoiner(",");
        values.forEach(value -> joined.add(squeezed(value)));
        lines.append(name).append(':').append(joined).append('\n');
    }

    private static String squeezed(String value) {
        StringBuilder made = new StringBuilder(value.length());
        boolean space = false;
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == ' ' || c == '\t') {
                space = true;
                continue;
            }
            if (space && !made.isEmpty()) {
                made.append(' ');
            }
            space = false;
            made.append(c);
        }
        return made.toString();
    }

    /// The parts of a query as they came. A part without an equals sign has an empty value.
    static List<Map.Entry<String, String>> parts(String rawQuery) {
        List<Map.Entry<String, String>> parts = new ArrayList<>();
        for (String part : rawQuery.split("&", -1)) {
            if (!part.isEmpty()) {
                int equals = part.indexOf('=');
                parts.add(
                        equals < 0
                                ? Map.entry(part, "")
                                : Map.entry(part.substring(0, equals), part.substring(equals + 1)));
            }
        }
        return parts;
    }

    /// A query of parts that are encoded, sorted.
    static String query(List<Map.Entry<String, String>> encoded) {
        StringJoiner joined = new StringJoiner("&");
        encoded.stream()
                .sorted(Map.Entry.<String, String>comparingByKey().thenComparing(Map.Entry.comparingByValue()))
                .forEach(part -> joined.add(part.getKey() + "=" + part.getValue()));
        return joined.toString();
    }

    /// Parts of a query, encoded as they must be, however they came.
    static List<Map.Entry<String, String>> encodedAnew(List<Map.Entry<String, String>> parts) {
        return parts.stream()
                .map(part -> Map.entry(encodedAnew(part.getKey()), encodedAnew(part.getValue())))
                .toList();
    }

    private static String encodedAnew(String part) {
        return Encoding.percent(Encoding.decode(part));
    }

    /// A path without doubled slashes and without `.` and `..`.
    static String normalized(String path) {
        if (!path.contains("//") && !path.contains("/.")) {
            return path.isEmpty() ? "/" : path;
        }
        List<String> kept = new ArrayList<>();
        for (String segment : path.split("/", -1)) {
            if (segment.equals("..")) {
                if (!kept.isEmpty()) {
                    kept.removeLast();
                }
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                kept.add(segment);
            }
        }
        String made = "/" + String.join("/", kept);
        boolean folder = path.endsWith("/") || path.endsWith("/.") || path.endsWith("/..");
        return folder && made.length() > 1 ? made + "/" : made;
    }
}
