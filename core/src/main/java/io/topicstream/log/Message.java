package io.topicstream.log;

import java.util.Arrays;
import java.util.Base64;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// One record of a topic, at its place for good.
///
/// @param offset its position, from 1
/// @param timestamp when it was committed, in epoch milliseconds; never less than that of the
///     message before it in the topic
/// @param from the publishing user, or null where an anonymous client without a name published
/// @param messageId the publisher's id, if it gave one
/// @param payload what it says, by its kind; owned by the message, never changed. Who prints it asks for
///     [#json]
/// @param details what only some messages have; null where there is nothing
public record Message(
        long offset,
        long timestamp,
        @Nullable String from,
        @Nullable String messageId,
        byte[] payload,
        @Nullable Details details) {
    private static final byte[] NOTHING = {};
    private static final byte[] NULL = {'n', 'u', 'l', 'l'};

    /// What a payload is.
    public enum Kind {
        /// One line of JSON, UTF-8.
        JSON,
        /// Bytes with a content type.
        BYTES,
        /// Nothing any more: it was taken away, and the message keeps its place.
        REDACTED
    }

    public Message {
        details = Details.orNull(details);
    }

    /// The message as it is when it was taken back: [Redaction] says what stays.
    ///
    /// @param forgetsAuthor whether all goes but its place and its time
    public Message redacted(boolean forgetsAuthor) {
        if (forgetsAuthor) {
            return new Message(offset, timestamp, null, null, NOTHING, Details.REDACTED);
        }
        Details left = new Details(Kind.REDACTED, null, Headers.NONE, null, origin(), withheldFrom());
        return new Message(offset, timestamp, from, messageId, NOTHING, left);
    }

    /// What the payload is.
    public Kind kind() {
        return details == null ? Kind.JSON : details.kind();
    }

    /// What the payload's bytes mean; null for every other kind.
    public @Nullable String contentType() {
        return details == null ? null : details.contentType();
    }

    public Headers headers() {
        return details == null ? Headers.NONE : details.headers();
    }

    /// The display name that the publisher had when it was published, or null.
    public @Nullable String name() {
        return details == null ? null : details.headers().get(Headers.NAME);
    }

    /// Which earlier message it is about, or null; null too where it was taken away.
    public @Nullable About about() {
        return details == null || details.kind() == Kind.REDACTED ? null : About.of(details.headers());
    }

    /// What the message is about, if the publisher said.
    public @Nullable String key() {
        return details == null ? null : details.key();
    }

    /// The id of the connection that published it, where it was given.
    public @Nullable String origin() {
        return details == null ? null : details.origin();
    }

    /// The tag of the listeners who do not get it, or null. It is stored, so that catching up withholds it too.
    public @Nullable String withheldFrom() {
        return details == null ? null : details.withheldFrom();
    }

    /// The same in other words: payload, kind and content type are those of another message.
    public Message saying(Message other) {
        Details of = other.details;
        Details changed = new Details(
                other.kind(), of == null ? null : of.contentType(), headers(), key(), origin(), withheldFrom());
        return new Message(offset, timestamp, from, messageId, other.payload, changed);
    }

    /// The payload as one line of JSON, for those who print it: JSON as it is, bytes as a string of base64
    /// (made anew at each call), `null` where it is redacted. Nobody changes the array.
    public byte[] json() {
        return switch (kind()) {
            case JSON -> payload;
            case BYTES -> {
                byte[] encoded = Base64.getEncoder().encode(payload);
                byte[] text = new byte[encoded.length + 2];
                text[0] = '"';
                System.arraycopy(encoded, 0, text, 1, encoded.length);
                text[text.length - 1] = '"';
                yield text;
            }
            case REDACTED -> NULL;
        };
    }

    /// How long [#json] is, in bytes.
    public int jsonBytes() {
        return switch (kind()) {
            case JSON -> payload.length;
            case BYTES -> 2 + (payload.length + 2) / 3 * 4;
            case REDACTED -> NULL.length;
        };
    }

    /// About how many bytes the message takes, for the bounds of pages and queues: payload as it is printed and
    /// texts, and a fixed 64 for the rest.
    public int sizeBytes() {
        return 64 + jsonBytes() + lengthOf(from) + lengthOf(messageId) + (details == null ? 0 : details.sizeBytes());
    }

    private static int lengthOf(@Nullable String text) {
        return text == null ? 0 : text.length();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Message that
                && offset == that.offset
                && timestamp == that.timestamp
                && Objects.equals(from, that.from)
                && Objects.equals(messageId, that.messageId)
                && Arrays.equals(payload, that.payload)
                && Objects.equals(details, that.details);
    }

    @Override
    public int hashCode() {
        return Objects.hash(offset, timestamp, from, messageId, Arrays.hashCode(payload), details);
    }
}
