package io.topicstream.migration;

import io.topicstream.log.Message;
import java.util.List;

/// Messages of a topic that one commit added.
///
/// @param epoch in which they were written
/// @param messages at least one, with consecutive offsets and one timestamp
/// @param ids that their topic remembers of them
public record CopiedBatch(long epoch, List<Message> messages, List<KnownId> ids) {
    public CopiedBatch {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a batch has at least one message");
        }
    }

    public long firstOffset() {
        return messages.getFirst().offset();
    }

    public long nextOffset() {
        return messages.getLast().offset() + 1;
    }

    public long timestamp() {
        return messages.getFirst().timestamp();
    }

    /// Some of it, as a batch of its own.
    ///
    /// @param from index of the first message
    /// @param to index after the last one
    public CopiedBatch part(int from, int to) {
        if (from == 0 && to == messages.size()) {
            return this;
        }
        List<Message> some = messages.subList(from, to);
        long first = some.getFirst().offset();
        long last = some.getLast().offset();
        return new CopiedBatch(
                epoch,
                some,
                ids.stream()
                        .filter(id -> id.offset() >= first && id.offset() <= last)
                        .toList());
    }
}
