package io.topicstream.cli;

import org.jspecify.annotations.Nullable;

/// One line of a chat, safe to show: everything in it that comes from others has gone through [TerminalText].
///
/// @param where what stands in front, such as the room; empty for nothing
/// @param who who says it, or null where nobody does
/// @param text what is said
record ChatLine(Kind kind, String where, @Nullable String who, String text) {
    /// What a line is.
    enum Kind {
        /// Somebody says something in a room.
        SAID,
        /// This user says it.
        OWN,
        /// Something between two users alone.
        PRIVATE,
        /// Something has happened, or was asked for.
        NOTICE,
        /// Something did not happen.
        TROUBLE
    }

    static ChatLine notice(String text) {
        return new ChatLine(Kind.NOTICE, "*", null, text);
    }

    static ChatLine trouble(String text) {
        return new ChatLine(Kind.TROUBLE, "!", null, text);
    }

    /// The line without colours.
    String plain() {
        return (where.isEmpty() ? "" : where + " ") + (who == null ? "" : who + ": ") + text;
    }
}
