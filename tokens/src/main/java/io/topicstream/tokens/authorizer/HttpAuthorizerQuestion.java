package io.topicstream.tokens.authorizer;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.ApiKeys;
import io.topicstream.access.Credentials;
import io.topicstream.json.JsonWriter;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// What the operator's service is asked about one caller:
///
/// ```json
/// {"connection": {"address": "203.0.113.7", "door": "websocket"}, "stage": "/v1", "token": "…",
///  "headers": {"authorization": ["Bearer …"]}, "query": {"ticket": ["…"]}}
/// ```
///
/// `token` is the key or token wherever it stood: in a header, the query, a subprotocol or the frame `authenticate`.
/// `stage` and `token` are left out where there is none.
///
/// @param body as it is sent; never logged
/// @param withoutAddressFrom where the address ends in it: from there on equal questions are equal
@SuppressWarnings("ArrayRecordComponent") // Made for one question, compared with none.
record HttpAuthorizerQuestion(byte[] body, int withoutAddressFrom) {
    private static final byte[] ADDRESS = ascii("{\"connection\":{\"address\":");
    private static final byte[] DOOR = ascii(",\"door\":");
    private static final byte[] STAGE = ascii("},\"stage\":");
    private static final byte[] NO_STAGE = ascii("}");
    private static final byte[] TOKEN = ascii(",\"token\":");
    private static final byte[] HEADERS = ascii(",\"headers\":{");
    private static final byte[] QUERY = ascii("},\"query\":{");
    private static final byte[] END = ascii("}}");

    /// The question about a caller; null where it shows nothing that the service would judge.
    static @Nullable HttpAuthorizerQuestion of(Credentials credentials, AuthorizerSettings settings) {
        Credentials.Request request = credentials.request();
        String token = credentials.secret();
        if (request == null || (token != null && token.startsWith(ApiKeys.PREFIX))) {
            return null;
        }
        JsonWriter json = new JsonWriter(512);
        json.raw(ADDRESS).string(credentials.address().getHostAddress());
        int from = json.length();
        json.raw(DOOR).string(request.door().wireName());
        String stage = request.stage();
        if (stage == null) {
            json.raw(NO_STAGE);
        } else {
            json.raw(STAGE).string(stage);
        }
        if (token != null) {
            json.raw(TOKEN).string(token);
        }
        json.raw(HEADERS);
        boolean shows = write(json, settings.headers(), request::headers);
        json.raw(QUERY);
        shows |= write(json, settings.query(), request::query);
        json.raw(END);
        return shows || token != null ? new HttpAuthorizerQuestion(json.toByteArray(), from) : null;
    }

    /// Writes those of these that there are.
    ///
    /// @return whether there are any
    private static boolean write(JsonWriter json, List<String> names, Function<String, List<String>> valuesOf) {
        boolean any = false;
        for (String name : names) {
            List<String> values = valuesOf.apply(name);
            if (values.isEmpty()) {
                continue;
            }
            if (any) {
                json.raw(',');
            }
            any = true;
            json.string(name).raw(':').raw('[');
            for (int i = 0; i < values.size(); i++) {
                if (i > 0) {
                    json.raw(',');
                }
                json.string(values.get(i));
            }
            json.raw(']');
        }
        return any;
    }
}
