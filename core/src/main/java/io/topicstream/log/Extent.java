package io.topicstream.log;

/// What is kept of a topic: offsets from `firstOffset` up to but not including `nextOffset`. A topic
/// that nobody has written to has the extent 1 to 1.
///
/// @param epoch the life of the log as it is now
/// @param firstOffset the first offset that is kept (equal to `nextOffset` when nothing is)
/// @param nextOffset the offset that the next message will get; everything below it is durable
public record Extent(long epoch, long firstOffset, long nextOffset) implements HandOver.Told {
    public Extent {
        if (firstOffset < 1 || nextOffset < firstOffset) {
            throw new IllegalArgumentException("no extent: " + firstOffset + " to " + nextOffset);
        }
    }

    /// The extent of a topic that was never written to.
    public static Extent empty(long epoch) {
        return new Extent(epoch, 1, 1);
    }

    /// Whether no message is kept.
    public boolean isEmpty() {
        return firstOffset == nextOffset;
    }
}
