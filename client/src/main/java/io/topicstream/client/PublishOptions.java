package io.topicstream.client;

import io.topicstream.log.About;
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
/// @param about which earlier message of the topic it replies to, edits or reacts to, or null. The payload
///     of a reaction may be `null`
public record PublishOptions(
        @Nullable String messageId,
        @Nullable String key,
        long expectedOffset,
        boolean echo,
        SortedMap<String, String> headers,
        @Nullable About about) {
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
        this(messageId, key, expectedOffset, echo, Collections.emptySortedMap(), null);
    }

    /// About no other message.
    public PublishOptions(
            @Nullable String messageId,
            @Nullable String key,
            long expectedOffset,
            boolean echo,
            SortedMap<String, String> headers) {
        this(messageId, key, expectedOffset, echo, headers, null);
    }

    /// The same, as a reply to the message with this offset.
    public PublishOptions replyingTo(long offset) {
        return with(new About(offset, About.As.REPLY, null));
    }

    /// The same, in place of the user's own message with this offset.
    public PublishOptions editing(long offset) {
        return with(new About(offset, About.As.EDIT, null));
    }

    /// The same, as a reaction to the message with this offset.
    ///
    /// @param value with what is reacted, 1 to 64 characters
    public PublishOptions reactingTo(long offset, String value) {
        return with(new About(offset, About.As.REACTION, value));
    }

    /// The same, to take such a reaction back.
    public PublishOptions takingBack(long offset, String value) {
        return with(new About(offset, About.As.UNREACTION, value));
    }

    private PublishOptions with(About newAbout) {
        return new PublishOptions(messageId, key, expectedOffset, echo, headers, newAbout);
    }

    /// The same with a message id.
    public PublishOptions withMessageId(String id) {
        return new PublishOptions(id, key, expectedOffset, echo, headers, about);
    }

    /// The same with a key.
    public PublishOptions withKey(String newKey) {
        return new PublishOptions(messageId, newKey, expectedOffset, echo, headers, about);
    }

    /// The same with these headers.
    ///
    /// @throws IllegalArgumentException if they cannot be headers, or are too many or too long
    public PublishOptions withHeaders(Map<String, String> others) {
        return new PublishOptions(messageId, key, expectedOffset, echo, new TreeMap<>(others), about);
    }

    /// The same with the offset that the message must get.
    public PublishOptions withExpectedOffset(long offset) {
        return new PublishOptions(messageId, key, offset, echo, headers, about);
    }

    /// The same, not to come back to this client.
    public PublishOptions withoutEcho() {
        return new PublishOptions(messageId, key, expectedOffset, false, headers, about);
    }
}
