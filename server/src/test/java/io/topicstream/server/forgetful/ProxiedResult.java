package io.topicstream.server.forgetful;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.json.JsonWriter;
import io.topicstream.protocol.ErrorCode;
import org.jspecify.annotations.Nullable;

/// What a function returns to API Gateway.
///
/// @param status of a handshake's answer
/// @param subprotocol that was chosen, or null
/// @param body of a refusal, or null
record ProxiedResult(
        int status, @Nullable String subprotocol, @Nullable String body) {
    static final ProxiedResult OK = new ProxiedResult(200, null, null);

    static ProxiedResult accepted(@Nullable String subprotocol) {
        return new ProxiedResult(200, subprotocol, null);
    }

    static ProxiedResult refused(ErrorCode code, String reason) {
        JsonWriter body = new JsonWriter();
        body.raw('{').string("error").raw(':').string(reason).raw(',');
        body.string("code").raw(':').string(code.wireName()).raw('}');
        return new ProxiedResult(code.httpStatus(), null, new String(body.toByteArray(), UTF_8));
    }

    byte[] encode() {
        JsonWriter json = new JsonWriter();
        json.raw('{').string("statusCode").raw(':').number(status);
        if (subprotocol != null) {
            json.raw(',').string("headers").raw(":{".getBytes(US_ASCII));
            json.string("Sec-WebSocket-Protocol").raw(':').string(subprotocol).raw('}');
        }
        if (body != null) {
            json.raw(',').string("body").raw(':').string(body);
        }
        return json.raw('}').toByteArray();
    }
}
