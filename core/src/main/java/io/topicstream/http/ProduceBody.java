package io.topicstream.http;

import static io.topicstream.json.JsonWriter.ascii;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.About;
import io.topicstream.protocol.AboutReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/// Finds the payload in the body of a produce: JSON, or a form with a field `payload`, whose text then becomes a JSON
/// string. Belongs to its thread; the answers are about the last body read.
final class ProduceBody {
    static final String MISSING = "missing request body";

    private static final String INVALID = "invalid json: ";
    private static final String NO_PAYLOAD = INVALID + "missing field `payload`";
    /// What curl's `-d` does: it sends whatever it is given as a form.
    private static final String JSON_AS_FORM =
            NO_PAYLOAD + " in the form; to send JSON, set the header Content-Type: application/json";
    private static final String NOT_UTF_8 = INVALID + "the body is not UTF-8";

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member PAYLOAD = MEMBERS.add("payload", JsonObjectReader.Trait.PAYLOAD);

    private static final JsonObjectReader.Member ABOUT = MEMBERS.add("about");
    private static final byte[] NULL = ascii("null");

    private final JsonObjectReader reader = MEMBERS.build();
    private final AboutReader aboutReader = new AboutReader();
    private @Nullable About about;
    private @Nullable String problem;

    /// The payload as one line of JSON, byte for byte as it was sent but for line breaks between tokens; or null,
    /// and [#problem] says why.
    byte @Nullable [] read(Exchange exchange) {
        problem = null;
        about = null;
        String contentType = exchange.header("Content-Type");
        byte[] body = exchange.body();
        if (body.length == 0 || contentType == null) {
            return refuse(MISSING);
        }
        boolean json = isJson(contentType);
        if (!json && !isForm(contentType)) {
            return refuse(MISSING);
        }
        if (!exchange.isBodyUtf8()) {
            return refuse(NOT_UTF_8);
        }
        return json ? readJson(body) : readForm(body);
    }

    /// Which earlier message the last body is about, or null.
    @Nullable
    About about() {
        return about;
    }

    /// What is wrong with the last body, for the client's eyes.
    String problem() {
        return problem == null ? "" : problem;
    }

    private byte @Nullable [] readJson(byte[] body) {
        if (!reader.read(body, 0, body.length)) {
            return refuse(INVALID + reader.problem());
        }
        if (reader.has(ABOUT)) {
            about = aboutReader.read(body, reader.start(ABOUT), reader.end(ABOUT));
            if (about == null) {
                return refuse(INVALID + aboutReader.problem());
            }
        }
        if (reader.has(PAYLOAD)) {
            return reader.payload(PAYLOAD);
        }
        // A reaction says all that it has to say in its value.
        return about != null && about.as().hasValue() ? NULL : refuse(NO_PAYLOAD);
    }

    private byte @Nullable [] readForm(byte[] form) {
        String found = null;
        int from = 0;
        while (from <= form.length) {
            int end = indexOf(form, '&', from, form.length);
            int nameEnd = indexOf(form, '=', from, end);
            String name = decode(form, from, nameEnd);
            String value = nameEnd == end ? "" : decode(form, nameEnd + 1, end);
            if (name == null || value == null) {
                return looksLikeJson(form) ? refuse(JSON_AS_FORM) : null;
            }
            if (name.equals("payload")) {
                if (found != null) {
                    return refuse(INVALID + "duplicate field `payload`");
                }
                found = value;
            }
            from = end + 1;
        }
        if (found == null) {
            return refuse(looksLikeJson(form) ? JSON_AS_FORM : NO_PAYLOAD);
        }
        return new JsonWriter(found.length() + 2).string(found).toByteArray();
    }

    /// Where the character is, or `to` if it is not there.
    private static int indexOf(byte[] text, char character, int from, int to) {
        for (int i = from; i < to; i++) {
            if (text[i] == character) {
                return i;
            }
        }
        return to;
    }

    private static boolean looksLikeJson(byte[] form) {
        int at = 0;
        while (at < form.length && form[at] <= ' ' && form[at] >= 0) {
            at++;
        }
        return at < form.length && form[at] == '{';
    }

    /// A name or value of a form: a plus is a space, escapes are bytes of UTF-8. Never leniently: what is not UTF-8
    /// would be stored as other text than was sent.
    ///
    /// @return null if it is none, which is then the problem
    private @Nullable String decode(byte[] form, int from, int to) {
        byte[] bytes = new byte[to - from];
        int length = 0;
        for (int at = from; at < to; at++) {
            int value = form[at];
            if (value == '%') {
                int high = at + 2 < to ? Character.digit(form[at + 1], 16) : -1;
                int low = at + 2 < to ? Character.digit(form[at + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    refuse(INVALID + "the form has a broken percent escape");
                    return null;
                }
                value = high << 4 | low;
                at += 2;
            } else if (value == '+') {
                value = ' ';
            }
            bytes[length++] = (byte) value;
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, length)).toString();
        } catch (CharacterCodingException e) {
            refuse(NOT_UTF_8);
            return null;
        }
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
