package io.topicstream.client;

import org.jspecify.annotations.Nullable;

/// One message of a topic, as it came from the server.
///
/// @param epoch the life of the log in which the offset holds
/// @param offset its place in the topic: 1, 2, 3 …
/// @param timestamp when it was stored, in epoch milliseconds
/// @param from the user who published it, or null
/// @param json the payload: the JSON text that the publisher sent, in one line
/// @param messageId the id that the publisher gave it, or null
/// @param key the key that the publisher gave it, or null
public record ReceivedMessage(
        String topic,
        long epoch,
        long offset,
        long timestamp,
        @Nullable String from,
        String json,
        @Nullable String messageId,
        @Nullable String key) {}
