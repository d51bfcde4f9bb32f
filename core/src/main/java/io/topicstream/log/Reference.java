package io.topicstream.log;

/// That one message of a topic is about another one: a row of the log's index.
///
/// @param target the offset of the message that is meant
/// @param offset of the message that is about it, which is above
public record Reference(long target, long offset) {
    public Reference {
        if (target < 1 || offset <= target) {
            throw new IllegalArgumentException("a message is about an earlier one: " + offset + " about " + target);
        }
    }

    /// References that are counted apart: how an engine orders those to one message, and a row's byte says.
    public enum Group {
        EDITS,
        REPLIES,
        /// With those that take one back.
        REACTIONS;

        /// That of such a message.
        public static Group of(About.As as) {
            return switch (as) {
                case EDIT -> EDITS;
                case REPLY -> REPLIES;
                case REACTION, UNREACTION -> REACTIONS;
            };
        }
    }
}
