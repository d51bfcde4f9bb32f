package io.topicstream.log;

import org.jspecify.annotations.Nullable;

/// What only some messages have. It stands in an object that most do without, so they are no larger for it.
///
/// @param kind what the payload is
/// @param contentType what bytes mean: 1 to [#MAX_CONTENT_TYPE_LENGTH] printable characters of ASCII,
///     `type/subtype` with or without parameters; null for every other kind
/// @param headers what was said beside the payload
/// @param key what the message is about (a device, a row), for readers that keep the latest; at most
///     [Draft#MAX_KEY_LENGTH] characters
/// @param origin the id of the connection that published it, where it was given
/// @param withheldFrom a tag: listeners that bear it do not get the message, neither live nor from the log
public record Details(
        Message.Kind kind,
        @Nullable String contentType,
        Headers headers,
        @Nullable String key,
        @Nullable String origin,
        @Nullable String withheldFrom) {
    /// JSON, and nothing else to say. Messages and drafts hold null in its place.
    public static final Details NONE = new Details(Message.Kind.JSON, null, Headers.NONE, null, null, null);

    /// A payload that was taken away.
    public static final Details REDACTED = new Details(Message.Kind.REDACTED, null, Headers.NONE, null, null, null);

    /// The longest content type, in characters.
    public static final int MAX_CONTENT_TYPE_LENGTH = 128;
    /// The longest origin and the longest tag, in characters.
    public static final int MAX_TAG_LENGTH = 128;

    public Details {
        if ((kind == Message.Kind.BYTES) != (contentType != null)) {
            throw new IllegalArgumentException("bytes have a content type, and nothing else has one");
        }
        if (contentType != null && !isContentType(contentType)) {
            throw new IllegalArgumentException("a content type is type/subtype, at most " + MAX_CONTENT_TYPE_LENGTH
                    + " printable characters of ASCII");
        }
        if (key != null && Draft.isLonger(key, Draft.MAX_KEY_LENGTH)) {
            throw new IllegalArgumentException("a key is at most " + Draft.MAX_KEY_LENGTH + " characters");
        }
        if (isLongerThanATag(origin) || isLongerThanATag(withheldFrom)) {
            throw new IllegalArgumentException("an origin and a tag are at most " + MAX_TAG_LENGTH + " characters");
        }
    }

    private static boolean isLongerThanATag(@Nullable String text) {
        return text != null && Draft.isLonger(text, MAX_TAG_LENGTH);
    }

    private static boolean isContentType(String text) {
        int slash = text.indexOf('/');
        if (text.length() > MAX_CONTENT_TYPE_LENGTH || slash < 1 || slash == text.length() - 1) {
            return false;
        }
        return text.chars().allMatch(c -> c >= ' ' && c < 0x7F);
    }

    /// Bytes of this content type.
    public static Details ofBytes(String contentType) {
        return new Details(Message.Kind.BYTES, contentType, Headers.NONE, null, null, null);
    }

    /// The same with these headers.
    public Details withHeaders(Headers others) {
        return new Details(kind, contentType, others, key, origin, withheldFrom);
    }

    /// The same with this key, or with none.
    public Details withKey(@Nullable String newKey) {
        return new Details(kind, contentType, headers, newKey, origin, withheldFrom);
    }

    /// The same, published by this connection.
    public Details withOrigin(String connectionId) {
        return new Details(kind, contentType, headers, key, connectionId, withheldFrom);
    }

    /// The same, withheld from listeners with this tag.
    public Details withheldFrom(String tag) {
        return new Details(kind, contentType, headers, key, origin, tag);
    }

    /// Null where there is nothing to say.
    static @Nullable Details orNull(@Nullable Details details) {
        return NONE.equals(details) ? null : details;
    }

    /// About how many bytes they hold, for the bounds of pages and queues.
    int sizeBytes() {
        return lengthOf(contentType) + headers.sizeBytes() + lengthOf(key) + lengthOf(origin) + lengthOf(withheldFrom);
    }

    private static int lengthOf(@Nullable String text) {
        return text == null ? 0 : text.length();
    }
}
