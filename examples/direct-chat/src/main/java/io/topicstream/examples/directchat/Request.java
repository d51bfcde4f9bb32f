package io.topicstream.examples.directchat;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Member;
import org.jspecify.annotations.Nullable;

/// What the gateway sends for a message or a connection. A member that is missing is empty.
///
/// @param connectionId of whom it came from
/// @param username that was named in it
/// @param message to that user
/// @param url where connections are reached
record Request(String connectionId, String username, String message, String url) {
    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final Member CONNECTION_ID = MEMBERS.add("connectionId");
    private static final Member USERNAME = MEMBERS.add("username");
    private static final Member MESSAGE = MEMBERS.add("message");
    private static final Member URL = MEMBERS.add("url");

    /// Reads a body.
    ///
    /// @return null where it is not a JSON object, or where one of the members is not a text
    static @Nullable Request of(byte[] body) {
        JsonObjectReader reader = MEMBERS.build();
        if (!reader.read(body, 0, body.length)) {
            return null;
        }
        String connectionId = text(reader, CONNECTION_ID);
        String username = text(reader, USERNAME);
        String message = text(reader, MESSAGE);
        String url = text(reader, URL);
        return connectionId == null || username == null || message == null || url == null
                ? null
                : new Request(connectionId, username, message, url);
    }

    private static @Nullable String text(JsonObjectReader reader, Member member) {
        return reader.has(member) ? reader.string(member) : "";
    }
}
