package io.topicstream.aws.s3;

import io.topicstream.log.Batch;
import io.topicstream.log.Message;
import java.util.List;
import java.util.stream.Stream;

/// Consecutive messages of a topic that stand in the bucket as one object, in the batches in which they
/// were written.
///
/// @param batches at least one, each beginning where the one before it ends; of [#MAX_MESSAGES] together at
///     most
public record Segment(List<Batch> batches) {
    /// The most messages of one segment. It is as many as a call of S3 lists names: so a reader who begins
    /// to list so many offsets before a message comes upon the segment that holds it.
    public static final int MAX_MESSAGES = 1_000;

    /// The epoch of messages of which nobody has said one: those that another program put there. It is
    /// before all epochs of a log.
    public static final long NO_EPOCH = 0;

    public Segment {
        batches = List.copyOf(batches);
        if (batches.isEmpty()) {
            throw new IllegalArgumentException("a segment has at least one batch");
        }
        long next = batches.getFirst().firstOffset();
        if (next < 1) {
            throw new IllegalArgumentException("offsets begin at 1, not at " + next);
        }
        for (Batch batch : batches) {
            for (Message message : batch.messages()) {
                if (message.offset() != next) {
                    throw new IllegalArgumentException(
                            "the offset " + message.offset() + " stands where " + next + " should");
                }
                next++;
            }
        }
        if (next - batches.getFirst().firstOffset() > MAX_MESSAGES) {
            throw new IllegalArgumentException("a segment has at most " + MAX_MESSAGES + " messages");
        }
    }

    public long firstOffset() {
        return batches.getFirst().firstOffset();
    }

    /// The offset after the last message.
    public long nextOffset() {
        return batches.getLast().nextOffset();
    }

    public Stream<Message> messages() {
        return batches.stream().flatMap(batch -> batch.messages().stream());
    }

    /// How many messages it has.
    public int count() {
        return (int) (nextOffset() - firstOffset());
    }

    boolean holds(long offset) {
        return offset >= firstOffset() && offset < nextOffset();
    }
}
