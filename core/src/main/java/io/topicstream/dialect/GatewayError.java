package io.topicstream.dialect;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.access.Speaker;
import io.topicstream.json.JsonWriter;
import java.util.Base64;
import java.util.random.RandomGenerator;

/// The frame by which the gateway, for which the older dialects were written, says that a frame could not be served.
/// Not thread-safe.
final class GatewayError {
    private static final byte[] FAILED = ascii("{\"message\":\"Internal server error\",\"connectionId\":");
    private static final byte[] REQUEST_ID = ascii(",\"requestId\":");
    private static final int REQUEST_ID_BYTES = 14;

    private final RandomGenerator random;

    /// @param random gives every frame an id of its own
    GatewayError(RandomGenerator random) {
        this.random = random;
    }

    void write(Speaker speaker, JsonWriter out) {
        out.raw(FAILED).string(speaker.connectionId());
        out.raw(REQUEST_ID).string(requestId()).raw('}');
    }

    /// As long as a connection's id, and no more likely to come twice.
    private String requestId() {
        byte[] id = new byte[REQUEST_ID_BYTES];
        random.nextBytes(id);
        return Base64.getUrlEncoder().encodeToString(id);
    }
}
