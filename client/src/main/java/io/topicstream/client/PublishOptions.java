package io.topicstream.client;

import io.topicstream.log.Draft;
import io.topicstream.log.Headers;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What may be said about a message beside its payload.
///
/// @param messageId under which a repeat is recognised, 1 to 128 characters; null lets the client make one up
/// @param key an application's own key, at most 256 characters, or null
/// @param expectedOffset the offset that the message must get, else it is refused with `conflict`; or
///     [#ANY_OFFSET]
/// @param echo false keeps the message from the client's own subscription
/// @param headers texts by their names, at most 16 and 4,096 bytes together; a name has 1 to 64 characters of
///     `a-z 0-9 . _ -`
public record PublishOptions(
        @Nullable String messageId,
        @Nullable String key,
        long expectedOffset,
        boolean echo,
        SortedMap<String, String> headers) {
    /// The message may get any offset.
    public static final long ANY_OFFSET = -1;

    /// Nothing special.
    public static final PublishOptions DEFAULT = new PublishOptions(null, null, ANY_OFFSET, true);

    private static final int MAX_MESSAGE_ID_LENGTH = 128;
    private static final int MAX_KEY_LENGTH = 256;

    public PublishOptions {
        if (messageId != null && (messageId.isEmpty() || Draft.isLonger(messageId, MAX_MESSAGE_ID_LENGTH))) {
            throw new IllegalArgumentException("a message id has 1 to " + MAX_MESSAGE_ID_LENGTH + " characters");
        }
        if (key != null && Draft.isLonger(key, MAX_KEY_LENGTH)) {
            throw new IllegalArgumentException("a key has at most " + MAX_KEY_LENGTH + " characters");
        }
        if (expectedOffset < ANY_OFFSET) {
            throw new IllegalArgumentException("an offset is not negative");
        }
        headers = Collections.unmodifiableSortedMap(Headers.of(headers).toMap());
    }

    /// Without headers.
    public PublishOptions(@Nullable String messageId, @Nullable String key, long expectedOffset, boolean echo) {
        this(messageId, key, expectedOffset, echo, Collections.emptySortedMap());
    }

    /// The same with a message id.
    public PublishOptions withMessageId(String id) {
        return new PublishOptions(id, key, expectedOffset, echo, headers);
    }

    /// The same with a key.
    public PublishOptions withKey(String newKey) {
        return new PublishOptions(messageId, newKey, expectedOffset, echo, headers);
    }

    /// The same with these headers.
    ///
    /// @throws IllegalArgumentException if they cannot be headers, or are too many or too long
    public PublishOptions withHeaders(Map<String, String> others) {
        return new PublishOptions(messageId, key, expectedOffset, echo, new TreeMap<>(others));
    }

    /// The same with the offset that the message must get.
    public PublishOptions withExpectedOffset(long offset) {
        return new PublishOptions(messageId, key, offset, echo, headers);
    }

    /// The same, not to come back to this client.
    public PublishOptions withoutEcho() {
        return new PublishOptions(messageId, key, expectedOffset, false, headers);
    }
}
