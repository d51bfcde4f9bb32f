package io.topicstream.examples.chatworkflow;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonWriter;

/// A message, as it is kept and as the list of the last ones has it.
///
/// @param createdAt an instant, as browsers write it
record Said(String id, String sender, String connectionId, String content, String createdAt) {
    byte[] toBytes() {
        return new JsonWriter()
                .raw(ascii("{\"id\":"))
                .string(id)
                .raw(ascii(",\"sender\":"))
                .string(sender)
                .raw(ascii(",\"connectionId\":"))
                .string(connectionId)
                .raw(ascii(",\"content\":"))
                .string(content)
                .raw(ascii(",\"createdAt\":"))
                .string(createdAt)
                .raw('}')
                .toByteArray();
    }
}
