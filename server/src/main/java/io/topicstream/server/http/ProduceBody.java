package io.topicstream.server.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.protocol.JsonObjectReader;
import io.topicstream.protocol.JsonWriter;
import io.topicstream.protocol.Utf8;
import java.net.URLDecoder;
import org.jspecify.annotations.Nullable;

/// Finds the payload in the body of a produce: JSON, or a form with a field `payload`, whose text then becomes a JSON
/// string. Belongs to its loop; the answers are about the last body read.
final class ProduceBody {
    static final String MISSING = "missing request body";

    private static final String INVALID = "invalid json: ";
    private static final String NO_PAYLOAD = INVALID + "missing field `payload`";
    private static final int PAYLOAD = 0;

    private final JsonObjectReader reader = JsonObjectReader.of("payload").withPayloads(PAYLOAD);
    private @Nullable String problem;

    /// The payload as one line of JSON, byte for byte as it was sent but for line breaks between tokens; or null,
    /// and [#problem] says why.
    byte @Nullable [] read(@Nullable String contentType, byte[] body) {
        problem = null;
        if (body.length == 0 || contentType == null) {
            return refuse(MISSING);
        }
        boolean json = isJson(contentType);
        if (!json && !isForm(contentType)) {
            return refuse(MISSING);
        }
        if (!Utf8.isValid(body, 0, body.length)) {
            return refuse(INVALID + "the body is not UTF-8");
        }
        return json ? readJson(body) : readForm(new String(body, UTF_8));
    }

    /// What is wrong with the last body, for the client's eyes.
    String problem() {
        return problem == null ? "" : problem;
    }

    private byte @Nullable [] readJson(byte[] body) {
        if (!reader.read(body, 0, body.length)) {
            return refuse(INVALID + reader.problem());
        }
        return reader.has(PAYLOAD) ? reader.payload(PAYLOAD) : refuse(NO_PAYLOAD);
    }

    private byte @Nullable [] readForm(String form) {
        String found = null;
        int from = 0;
        while (from <= form.length()) {
            int ampersand = form.indexOf('&', from);
            int end = ampersand < 0 ? form.length() : ampersand;
            int equals = form.indexOf('=', from);
            int nameEnd = equals < 0 || equals > end ? end : equals;
            try {
                if (decode(form.substring(from, nameEnd)).equals("payload")) {
                    if (found != null) {
                        return refuse(INVALID + "duplicate field `payload`");
                    }
                    found = nameEnd == end ? "" : decode(form.substring(nameEnd + 1, end));
                }
            } catch (IllegalArgumentException e) {
                return refuse(INVALID + "the form has a broken percent escape");
            }
            from = end + 1;
        }
        return found == null
                ? refuse(NO_PAYLOAD)
                : new JsonWriter(found.length() + 2).string(found).toByteArray();
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, UTF_8);
    }

    private byte @Nullable [] refuse(String why) {
        problem = why;
        return null;
    }

    /// `application/json` and `application/anything+json`, whatever their parameters.
    private static boolean isJson(String contentType) {
        int end = mediaTypeEnd(contentType);
        boolean namedJson = end > 17
                && contentType.regionMatches(true, 0, "application/", 0, 12)
                && contentType.regionMatches(true, end - 5, "+json", 0, 5);
        return namedJson || is(contentType, end, "application/json");
    }

    private static boolean isForm(String contentType) {
        return is(contentType, mediaTypeEnd(contentType), "application/x-www-form-urlencoded");
    }

    private static boolean is(String contentType, int end, String mediaType) {
        return end == mediaType.length() && contentType.regionMatches(true, 0, mediaType, 0, end);
    }

    private static int mediaTypeEnd(String contentType) {
        int end = contentType.indexOf(';');
        end = end < 0 ? contentType.length() : end;
        while (end > 0 && (contentType.charAt(end - 1) == ' ' || contentType.charAt(end - 1) == '\t')) {
            end--;
        }
        return end;
    }
}
