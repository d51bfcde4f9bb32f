package io.topicstream.aws.lambda;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.audience.Opening;
import io.topicstream.json.JsonWriter;

/// What a function returns to a WebSocket API of API Gateway.
final class WebSocketResult {
    private static final byte[] OK = JsonWriter.ascii("{\"statusCode\":200}");

    private WebSocketResult() {}

    /// All is well.
    static byte[] ok() {
        return OK.clone();
    }

    /// The answer to a handshake.
    static byte[] of(Opening.Answer answer) {
        JsonWriter json = new JsonWriter();
        json.raw('{').string("statusCode").raw(':');
        switch (answer) {
            case Opening.Answer.Accepted(String subprotocol) -> {
                json.number(200);
                if (subprotocol != null) {
                    json.raw(',').string("headers").raw(':').raw('{');
                    json.string("Sec-WebSocket-Protocol").raw(':').string(subprotocol);
                    json.raw('}');
                }
            }
            case Opening.Answer.Refused(int status, String code, String reason) -> {
                JsonWriter body = new JsonWriter();
                body.raw('{').string("error").raw(':').string(reason).raw(',');
                body.string("code").raw(':').string(code).raw('}');
                json.number(status).raw(',').string("body").raw(':').string(new String(body.toByteArray(), UTF_8));
            }
        }
        return json.raw('}').toByteArray();
    }
}
