package io.topicstream.log;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A message before the log has given it its place.
///
/// @param payload what it says, by its kind: one line of valid JSON in UTF-8, bytes, or nothing where it is
///     redacted; who makes the draft hands the array over, and nobody changes it afterwards
/// @param messageId the publisher's own id, by which a repeat is known; at most
///     [#MAX_MESSAGE_ID_LENGTH] characters
/// @param details what only some messages have; null where there is nothing
public record Draft(
        byte[] payload,
        @Nullable String messageId,
        @Nullable Details details) {
    /// The longest message id, in characters.
    public static final int MAX_MESSAGE_ID_LENGTH = 128;
    /// The longest key, in characters.
    public static final int MAX_KEY_LENGTH = 256;

    public Draft {
        details = Details.orNull(details);
        switch (details == null ? Message.Kind.JSON : details.kind()) {
            case JSON -> {
                if (payload.length == 0) {
                    throw new IllegalArgumentException("a payload is at least one character of JSON");
                }
            }
            case BYTES -> {}
            case REDACTED -> {
                if (payload.length > 0) {
                    throw new IllegalArgumentException("nothing is left of a payload that is redacted");
                }
            }
        }
        if (messageId != null && (messageId.isEmpty() || isLonger(messageId, MAX_MESSAGE_ID_LENGTH))) {
            throw new IllegalArgumentException("a message id is 1 to " + MAX_MESSAGE_ID_LENGTH + " characters");
        }
    }

    /// What the payload is.
    public Message.Kind kind() {
        return details == null ? Message.Kind.JSON : details.kind();
    }

    /// What the payload's bytes mean; null for every other kind.
    public @Nullable String contentType() {
        return details == null ? null : details.contentType();
    }

    /// Which earlier message it is about, or null.
    public @Nullable About about() {
        return details == null ? null : About.of(details.headers());
    }

    /// The same, about an earlier message.
    public Draft about(About about) {
        return with(Headers.ABOUT, about.text());
    }

    /// The same, withheld from listeners with this tag.
    public Draft withheldFrom(String tag) {
        return new Draft(payload, messageId, (details == null ? Details.NONE : details).withheldFrom(tag));
    }

    /// The same with one of the server's headers.
    public Draft with(String header, String value) {
        Details before = details == null ? Details.NONE : details;
        return new Draft(payload, messageId, before.withHeaders(before.headers().with(header, value)));
    }

    /// What it carries beside names and numbers, in bytes.
    public int sizeBytes() {
        return payload.length + (details == null ? 0 : details.sizeBytes());
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
                && Objects.equals(details, that.details);
    }

    @Override
    public int hashCode() {
        return Objects.hash(Arrays.hashCode(payload), messageId, details);
    }
}
