package io.topicstream.cli;

import io.topicstream.client.ReceivedMessage;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/// The payload of a message of a chat: `{"text": …}`, as every front end of the chat writes it. Not
/// thread-safe.
final class ChatText {
    private final JsonObjectReader reader;
    private final JsonObjectReader.Member text;

    ChatText() {
        JsonObjectReader.Builder members = new JsonObjectReader.Builder();
        text = members.add("text");
        reader = members.build();
    }

    /// The payload that says this.
    static String json(String said) {
        return "{\"text\":" + new JsonWriter().string(said) + "}";
    }

    /// What a message says, in one line that is safe to show. Another payload says its JSON text.
    String of(ReceivedMessage message) {
        if (message.redacted()) {
            return "(message removed)";
        }
        if (message.contentType() != null) {
            return "(" + message.bytes().length + " bytes of " + TerminalText.line(message.contentType()) + ")";
        }
        byte[] json = message.json().getBytes(StandardCharsets.UTF_8);
        String said = reader.read(json, 0, json.length) ? reader.string(text) : null;
        return TerminalText.line(Objects.requireNonNullElse(said, message.json()));
    }
}
