package io.topicstream.aws.http;

import static io.topicstream.json.JsonWriter.ascii;
import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonWriter;
import io.topicstream.protocol.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a function returns to an HTTP API, in payload format 2.0.
///
/// @param fields header fields by their names; one that stands twice is one value with commas
/// @param body which must not change
@SuppressWarnings("ArrayRecordComponent") // Written once and never compared.
record HttpAnswer(int status, @Nullable String contentType, Map<String, String> fields, byte[] body) {
    private static final byte[] STATUS = ascii("{\"statusCode\":");
    private static final byte[] HEADERS = ascii(",\"headers\":{");
    private static final byte[] BODY = ascii("},\"body\":");
    private static final byte[] IN_BASE64 = ascii(",\"isBase64Encoded\":true}");
    private static final byte[] AS_TEXT = ascii(",\"isBase64Encoded\":false}");
    private static final String CONTENT_TYPE = "Content-Type";

    /// With fields as the routes write them.
    ///
    /// @param lines each with the CRLF that ends it
    static HttpAnswer json(int status, byte[] lines, int length, byte[] json) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String line : new String(lines, 0, length, ISO_8859_1).split("\r\n", -1)) {
            int colon = line.indexOf(": ");
            if (colon > 0) {
                fields.merge(line.substring(0, colon), line.substring(colon + 2), (one, more) -> one + ", " + more);
            }
        }
        return new HttpAnswer(status, "application/json", fields, json);
    }

    /// An error that the table of routes does not know of, in its shape.
    static HttpAnswer refusal(int status, ErrorCode code, String why, Map<String, String> more) {
        Map<String, String> fields = new LinkedHashMap<>(more);
        fields.put("Topic-Error", code.wireName());
        fields.put("X-Content-Type-Options", "nosniff");
        JsonWriter json = new JsonWriter();
        json.raw('{').string("error").raw(':').string(why).raw(',');
        json.string("code").raw(':').string(code.wireName()).raw('}');
        return new HttpAnswer(status, "application/json", fields, json.toByteArray());
    }

    /// The same without its body: the answer to HEAD.
    HttpAnswer withoutBody() {
        return new HttpAnswer(status, contentType, fields, new byte[0]);
    }

    byte[] encode() {
        JsonWriter json = new JsonWriter(body.length + 1024);
        json.raw(STATUS).number(status).raw(HEADERS);
        boolean isFirst = true;
        if (contentType != null) {
            json.string(CONTENT_TYPE).raw(':').string(contentType);
            isFirst = false;
        }
        for (Map.Entry<String, String> field : fields.entrySet()) {
            if (!isFirst) {
                json.raw(',');
            }
            isFirst = false;
            json.string(field.getKey()).raw(':').string(field.getValue());
        }
        json.raw(BODY);
        @Nullable String text = isText(contentType) ? text(body) : null;
        if (text == null && body.length > 0) {
            return json.string(Base64.getEncoder().encodeToString(body))
                    .raw(IN_BASE64)
                    .toByteArray();
        }
        return json.string(text == null ? "" : text).raw(AS_TEXT).toByteArray();
    }

    /// Whether bodies of the type are text in UTF-8, as far as their bytes agree.
    private static boolean isText(@Nullable String contentType) {
        if (contentType == null) {
            return false;
        }
        int end = contentType.indexOf(';');
        String type =
                (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        return type.startsWith("text/")
                || type.endsWith("+json")
                || switch (type) {
                    case "application/json", "application/x-ndjson", "application/yaml" -> true;
                    default -> false;
                };
    }

    private static @Nullable String text(byte[] bytes) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }
}
