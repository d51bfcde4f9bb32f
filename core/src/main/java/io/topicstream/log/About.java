package io.topicstream.log;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// That a message is said about an earlier one of its topic: it replies to it, changes it, or reacts to it.
///
/// Kept as a header of the server ([Headers#ABOUT]), so a message that is about nothing has nothing of it.
///
/// @param offset of the message that is meant, at least 1
/// @param as what it says about it
/// @param value with what is reacted: 1 to [#MAX_VALUE_LENGTH] characters, none of them a control
///     character; null for a reply and an edit
public record About(long offset, As as, @Nullable String value) {
    /// The longest value, in characters: code points.
    public static final int MAX_VALUE_LENGTH = 64;

    private static final char BETWEEN = ' ';

    /// What a message says about another one.
    public enum As {
        /// It answers it.
        REPLY,
        /// It takes its place.
        EDIT,
        /// Its sender reacts to it with a value, once however often it is said.
        REACTION,
        /// Its sender takes a reaction back.
        UNREACTION;

        private final String wireName = name().toLowerCase(Locale.ROOT);

        /// Its name for clients.
        public String wireName() {
            return wireName;
        }

        /// The one of this name, or null.
        public static @Nullable As of(String wireName) {
            for (As as : values()) {
                if (as.wireName.equals(wireName)) {
                    return as;
                }
            }
            return null;
        }

        /// Whether it says with what is reacted.
        public boolean hasValue() {
            return switch (this) {
                case REPLY, EDIT -> false;
                case REACTION, UNREACTION -> true;
            };
        }

        /// Whether such a message has something to say of its own, and not only changes what is shown of
        /// another.
        public boolean standsAlone() {
            return this == REPLY;
        }
    }

    public About {
        if (offset < 1) {
            throw new IllegalArgumentException("offsets begin at 1: " + offset);
        }
        String wrong = valueFault(as, value);
        if (wrong != null) {
            throw new IllegalArgumentException(wrong);
        }
    }

    /// Why this value does not go with it, for the client's eyes; null where it does.
    public static @Nullable String valueFault(As as, @Nullable String value) {
        if (!as.hasValue()) {
            return value == null ? null : "only a reaction has a \"value\"";
        }
        return value != null && !value.isEmpty() && !Draft.isLonger(value, MAX_VALUE_LENGTH) && Headers.isValue(value)
                ? null
                : "a reaction has a \"value\" of 1 to " + MAX_VALUE_LENGTH + " characters, none a control character";
    }

    /// As the header's value.
    String text() {
        String text = as.wireName + BETWEEN + offset;
        return value == null ? text : text + BETWEEN + value;
    }

    /// What the headers of a message say of it; null where they say nothing, or what this version does not
    /// know.
    static @Nullable About of(Headers headers) {
        String text = headers.get(Headers.ABOUT);
        if (text == null) {
            return null;
        }
        int first = text.indexOf(BETWEEN);
        int second = text.indexOf(BETWEEN, first + 1);
        As as = first < 0 ? null : As.of(text.substring(0, first));
        if (as == null || as.hasValue() != (second > 0)) {
            return null;
        }
        try {
            long offset = Long.parseLong(text, first + 1, second < 0 ? text.length() : second, 10);
            return new About(offset, as, second < 0 ? null : text.substring(second + 1));
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
