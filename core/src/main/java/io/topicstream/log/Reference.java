package io.topicstream.log;

/// That one message of a topic is about another one: a row of the log's index.
///
/// @param target the offset of the message that is meant
/// @param group in what way
/// @param offset of the message that is about it, which is above
public record Reference(long target, Group group, long offset) {
    public Reference {
        if (target < 1 || offset <= target) {
            throw new IllegalArgumentException("a message is about an earlier one: " + offset + " about " + target);
        }
    }

    /// References that are counted apart, in the order in which an engine has those to one message.
    public enum Group {
        EDITS(1),
        REPLIES(2),
        /// With those that take one back.
        REACTIONS(3);

        private final int number;

        Group(int number) {
            this.number = number;
        }

        /// Its number where it is stored, from 1.
        public int number() {
            return number;
        }

        /// The one of the number.
        public static Group of(int number) {
            return switch (number) {
                case 1 -> EDITS;
                case 2 -> REPLIES;
                case 3 -> REACTIONS;
                default -> throw new IllegalArgumentException("no references have the number " + number);
            };
        }

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
