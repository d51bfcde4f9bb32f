package io.topicstream.log;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A message before the log has given it its place.
///
/// @param payload one line of valid JSON, UTF-8; whoever makes the draft hands the array over and
///     nobody changes it afterwards
/// @param messageId the publisher's own id, by which a repeat is known; at most
///     [#MAX_MESSAGE_ID_LENGTH] characters
/// @param key what the message is about (a device, a row), for readers that keep the latest; at
///     most [#MAX_KEY_LENGTH] characters
public record Draft(
        byte[] payload,
        @Nullable String messageId,
        @Nullable String key) {
    /// The longest message id, in characters.
    public static final int MAX_MESSAGE_ID_LENGTH = 128;
    /// The longest key, in characters.
    public static final int MAX_KEY_LENGTH = 256;

    public Draft {
        if (payload.length == 0) {
            throw new IllegalArgumentException("a payload is at least one character of JSON");
        }
        if (messageId != null && (messageId.isEmpty() || isLonger(messageId, MAX_MESSAGE_ID_LENGTH))) {
            throw new IllegalArgumentException("a message id is 1 to " + MAX_MESSAGE_ID_LENGTH + " characters");
        }
        if (key != null && isLonger(key, MAX_KEY_LENGTH)) {
            throw new IllegalArgumentException("a key is at most " + MAX_KEY_LENGTH + " characters");
        }
    }

    /// Whether the text has more than so many characters: code points, as people count them, not the units
    /// of UTF-16.
    public static boolean isLonger(String text, int characters) {
        return text.length() > characters && text.codePointCount(0, text.length()) > characters;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Draft that
                && Arrays.equals(payload, that.payload)
                && Objects.equals(messageId, that.messageId)
                && Objects.equals(key, that.key);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(payload), messageId, key);
    }
}
