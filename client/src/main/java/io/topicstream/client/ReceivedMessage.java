package io.topicstream.client;

import io.topicstream.log.About;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// One message of a topic, as it came from the server.
///
/// @param epoch the life of the log in which the offset holds
/// @param offset its place in the topic: 1, 2, 3 …
/// @param timestamp when it was stored, in epoch milliseconds
/// @param from the user who published it, or null
/// @param name by which the user was shown when it was published, or null
/// @param json the payload, in one line of JSON: the text that the publisher sent, for [#bytes] a string of
///     base64, or `null` where it is redacted
/// @param messageId the id that the publisher gave it, or null
/// @param key the key that the publisher gave it, or null
/// @param headers what the publisher said beside the payload, in the order of the names
/// @param contentType what the [#bytes] mean; null where the payload is JSON
/// @param redacted whether the payload was taken away
/// @param about which earlier message of the topic it replies to, edits or reacts to, or null
public record ReceivedMessage(
        String topic,
        long epoch,
        long offset,
        long timestamp,
        @Nullable String from,
        @Nullable String name,
        String json,
        @Nullable String messageId,
        @Nullable String key,
        SortedMap<String, String> headers,
        @Nullable String contentType,
        boolean redacted,
        @Nullable About about) {
    private static final SortedMap<String, String> NO_HEADERS = Collections.emptySortedMap();

    public ReceivedMessage {
        headers = headers.isEmpty() ? NO_HEADERS : Collections.unmodifiableSortedMap(new TreeMap<>(headers));
    }

    /// A message that is about no other one.
    public ReceivedMessage(
            String topic,
            long epoch,
            long offset,
            long timestamp,
            @Nullable String from,
            @Nullable String name,
            String json,
            @Nullable String messageId,
            @Nullable String key,
            SortedMap<String, String> headers,
            @Nullable String contentType,
            boolean redacted) {
        this(topic, epoch, offset, timestamp, from, name, json, messageId, key, headers, contentType, redacted, null);
    }

    /// A message of JSON, without headers, of a user who was shown by no name.
    public ReceivedMessage(
            String topic,
            long epoch,
            long offset,
            long timestamp,
            @Nullable String from,
            String json,
            @Nullable String messageId,
            @Nullable String key) {
        this(topic, epoch, offset, timestamp, from, null, json, messageId, key, NO_HEADERS, null, false);
    }

    /// The payload of a message that has a content type.
    ///
    /// @throws IllegalStateException if it has none: its payload is JSON
    public byte[] bytes() {
        if (contentType == null) {
            throw new IllegalStateException("the message has no content type: its payload is JSON");
        }
        return Base64.getDecoder().decode(json.substring(1, json.length() - 1));
    }

    /// The same, in this epoch.
    ReceivedMessage in(long ofEpoch) {
        return new ReceivedMessage(
                topic,
                ofEpoch,
                offset,
                timestamp,
                from,
                name,
                json,
                messageId,
                key,
                headers,
                contentType,
                redacted,
                about);
    }

    /// The same in the words of another one.
    ReceivedMessage saying(ReceivedMessage other) {
        return new ReceivedMessage(
                topic,
                epoch,
                offset,
                timestamp,
                from,
                name,
                other.json,
                messageId,
                key,
                headers,
                other.contentType,
                redacted,
                about);
    }

    /// About how many bytes its texts take.
    int sizeBytes() {
        int chars = json.length();
        for (Map.Entry<String, String> header : headers.entrySet()) {
            chars += header.getKey().length() + header.getValue().length();
        }
        return 2 * chars;
    }
}
