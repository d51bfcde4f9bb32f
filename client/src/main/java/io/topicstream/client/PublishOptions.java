package io.topicstream.client;

import io.topicstream.log.Draft;
import org.jspecify.annotations.Nullable;

/// What may be said about a message beside its payload.
///
/// @param messageId under which a repeat is recognised, 1 to 128 characters; null lets the client make one up
/// @param key an application's own key, at most 256 characters, or null
/// @param expectedOffset the offset that the message must get, else it is refused with `conflict`; or
///     [#ANY_OFFSET]
/// @param echo false keeps the message from the client's own subscription
public record PublishOptions(
        @Nullable String messageId, @Nullable String key, long expectedOffset, boolean echo) {
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
    }

    /// The same with a message id.
    public PublishOptions withMessageId(String id) {
        return new PublishOptions(id, key, expectedOffset, echo);
    }

    /// The same with a key.
    public PublishOptions withKey(String newKey) {
        return new PublishOptions(messageId, newKey, expectedOffset, echo);
    }

    /// The same with the offset that the message must get.
    public PublishOptions withExpectedOffset(long offset) {
        return new PublishOptions(messageId, key, offset, echo);
    }

    /// The same, not to come back to this client.
    public PublishOptions withoutEcho() {
        return new PublishOptions(messageId, key, expectedOffset, false);
    }
}
