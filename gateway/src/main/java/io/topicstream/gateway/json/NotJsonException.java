package io.topicstream.gateway.json;

import java.io.Serial;

/// A text is not JSON, or is beyond the bounds of [JsonBody].
public final class NotJsonException extends Exception {
    @Serial
    private static final long serialVersionUID = 1;

    NotJsonException(String why) {
        // Clients choose how often this happens; nobody reads the trace.
        super(why, null, false, false);
    }
}
