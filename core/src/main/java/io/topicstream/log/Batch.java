package io.topicstream.log;

import java.util.List;

/// The messages that one commit added to one topic, with consecutive offsets.
///
/// @param epoch the life of the log in which they were written
/// @param messages at least one, ascending
public record Batch(long epoch, List<Message> messages) implements HandOver.Told {
    public Batch {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one message");
        }
    }

    /// The offset of the first message.
    public long firstOffset() {
        return messages.getFirst().offset();
    }

    /// The offset after the last message.
    public long nextOffset() {
        return messages.getLast().offset() + 1;
    }
}
