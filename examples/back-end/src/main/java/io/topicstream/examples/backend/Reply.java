package io.topicstream.examples.backend;

/// What an endpoint answers.
///
/// @param status of HTTP
/// @param text the body, which the gateway sends to the client as it is, where the route is two-way
/// @param isJson whether that is JSON, and not plain text
/// @param connectionId for whom something was done, as the log tells it; empty where that was not said
public record Reply(int status, String text, boolean isJson, String connectionId) {
    /// A plain text.
    public Reply(int status, String text) {
        this(status, text, false, "");
    }

    public static Reply ok(String text) {
        return new Reply(200, text);
    }

    public static Reply json(String text) {
        return new Reply(200, text, true, "");
    }

    public static Reply refused(String text) {
        return new Reply(400, text);
    }

    /// The same, done for a connection.
    public Reply of(String forConnection) {
        return new Reply(status, text, isJson, forConnection);
    }
}
