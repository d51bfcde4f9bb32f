package io.topicstream.dialect;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import io.topicstream.log.About;
import io.topicstream.log.Message;
import java.nio.charset.StandardCharsets;

/// The payload of the chats, `{"text": string}`: written, and read from any payload that a message has. Not
/// thread-safe.
final class ChatText {
    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    /// It goes through as it came.
    private static final JsonObjectReader.Member TEXT = MEMBERS.add("text", JsonObjectReader.Trait.PAYLOAD);

    private static final byte[] BEFORE = ascii("{\"text\":");

    private final JsonObjectReader reader = MEMBERS.build();

    /// The payload with this text.
    ///
    /// @param text a member of the object that was just read, a string
    static byte[] payload(JsonObjectReader read, JsonObjectReader.Member text) {
        JsonWriter out = new JsonWriter(BEFORE.length + read.length(text) + 1);
        return out.raw(BEFORE).raw(read.raw(text)).raw('}').toByteArray();
    }

    /// Whether a message only reacts to another one, for which these dialects have no frame.
    static boolean isReaction(Message message) {
        About about = message.about();
        return about != null && about.as().hasValue();
    }

    /// Writes the text of a message as a string: of another payload than that of the chats, its JSON; of one
    /// that was taken back, nothing.
    void write(Message message, JsonWriter out) {
        if (message.kind() == Message.Kind.REDACTED) {
            out.string("");
            return;
        }
        byte[] json = message.json();
        if (reader.read(json, 0, json.length)
                && reader.has(TEXT)
                && reader.kind(TEXT) == JsonObjectReader.Kind.STRING) {
            out.raw(json, reader.start(TEXT), reader.end(TEXT));
        } else {
            out.string(new String(json, StandardCharsets.UTF_8));
        }
        reader.release();
    }
}
