package io.topicstream.dialect;

import io.topicstream.log.TopicName;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/// The id of a message in the form of a UUID: made of what names the message for ever, so that it is the same for all
/// who see it, and whenever.
final class MessageUuid {
    private MessageUuid() {}

    static String of(TopicName topic, long offset, long timestamp) {
        byte[] name = topic.value().getBytes(StandardCharsets.US_ASCII);
        byte[] all = ByteBuffer.allocate(name.length + 2 * Long.BYTES)
                .put(name)
                .putLong(offset)
                .putLong(timestamp)
                .array();
        return UUID.nameUUIDFromBytes(all).toString();
    }
}
