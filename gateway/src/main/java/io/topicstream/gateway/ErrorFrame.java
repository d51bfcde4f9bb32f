package io.topicstream.gateway;

import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/// The texts that tell a client what became of its message. Their spaces are those that API Gateway's have:
/// clients compare them as texts.
final class ErrorFrame {
    static final String FORBIDDEN = "Forbidden";
    static final String LIMIT_EXCEEDED = "Limit Exceeded";
    static final String INTERNAL = "Internal server error";
    static final String BAD_REQUEST = "Bad request body";

    private static final JsonMapper JSON = JsonMapper.shared();

    private ErrorFrame() {}

    /// An error of a message, or of a handshake whose back end failed.
    static byte[] of(String message, String connectionId, String requestId) {
        return bytes("{\"message\": " + quoted(message) + ", \"connectionId\":" + quoted(connectionId)
                + ", \"requestId\":" + quoted(requestId) + "}");
    }

    /// That a body fits no model, as the documents show it.
    static byte[] badRequest(String connectionId, String messageId) {
        return bytes("{\"message\" : \"" + BAD_REQUEST + "\", \"connectionId\": " + quoted(connectionId)
                + ", \"messageId\": " + quoted(messageId) + "}");
    }

    private static byte[] bytes(String json) {
        return json.getBytes(StandardCharsets.UTF_8);
    }

    private static String quoted(String text) {
        return JSON.writeValueAsString(text);
    }
}
