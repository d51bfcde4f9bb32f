package io.topicstream.server.local;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonObjectReader;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a function has returned, of payload format 2.0.
///
/// @param headers without those that the network makes itself
@SuppressWarnings("ArrayRecordComponent") // Made once, sent, and never compared.
record ProxyResponse(int status, @Nullable String contentType, Map<String, String> headers, byte[] body) {
    private static final int SMALLEST_STATUS = 200;
    private static final int LARGEST_STATUS = 599;
    private static final Set<String> OF_THE_NETWORK =
            Set.of("connection", "content-length", "date", "transfer-encoding", "upgrade");

    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member STATUS = MEMBERS.add("statusCode");
    private static final JsonObjectReader.Member HEADERS = MEMBERS.add("headers");
    private static final JsonObjectReader.Member BODY = MEMBERS.add("body");
    private static final JsonObjectReader.Member IS_BASE64 = MEMBERS.add("isBase64Encoded");

    /// @throws IllegalArgumentException if the text is not such an answer
    static ProxyResponse read(byte[] json) {
        JsonObjectReader reader = MEMBERS.build();
        if (!reader.read(json, 0, json.length)) {
            throw new IllegalArgumentException("the function's answer cannot be read: " + reader.problem());
        }
        long status = reader.integer(STATUS);
        if (status < SMALLEST_STATUS || status > LARGEST_STATUS) {
            throw new IllegalArgumentException("the function's answer has no statusCode");
        }
        @Nullable Map<String, String> given = reader.has(HEADERS) ? reader.strings(HEADERS) : Map.of();
        if (given == null) {
            throw new IllegalArgumentException("the headers of the function's answer are not texts by their names");
        }
        @Nullable String contentType = null;
        Map<String, String> headers = new LinkedHashMap<>();
        for (Map.Entry<String, String> field : given.entrySet()) {
            String name = field.getKey().toLowerCase(Locale.ROOT);
            if (name.equals("content-type")) {
                contentType = field.getValue();
            } else if (!OF_THE_NETWORK.contains(name)) {
                headers.put(field.getKey(), field.getValue());
            }
        }
        @Nullable String text = reader.string(BODY);
        byte[] body = text == null
                ? new byte[0]
                : reader.isTrue(IS_BASE64) ? Base64.getDecoder().decode(text) : text.getBytes(UTF_8);
        return new ProxyResponse((int) status, contentType, headers, body);
    }
}
