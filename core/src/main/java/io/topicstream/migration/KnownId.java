package io.topicstream.migration;

/// A message id that a topic remembers, and what it stands for ([io.topicstream.log.RepeatRule]).
///
/// @param offset of its message
/// @param epoch in which its message was written
/// @param timestamp of its message, epoch milliseconds
/// @param count of messages that it stands for
/// @param contents a hash of these, in hexadecimal digits: [#SHORT_DIGITS] of them are an
///     [io.topicstream.row.ContentHash64], [#LONG_DIGITS] an [io.topicstream.log.ContentHash]. None can be computed of
///     a message that was taken back or has ended, so an engine keeps the one that it is given
/// @param scope in which the id is unique
public record KnownId(
        long offset, long epoch, long timestamp, int count, String contents, String scope, String messageId) {
    public static final int SHORT_DIGITS = 16;
    public static final int LONG_DIGITS = 32;

    public KnownId {
        if (contents.length() != SHORT_DIGITS && contents.length() != LONG_DIGITS) {
            throw new IllegalArgumentException("a hash of contents has not " + contents.length() + " digits");
        }
    }
}
