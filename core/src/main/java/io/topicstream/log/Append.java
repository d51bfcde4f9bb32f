package io.topicstream.log;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// A request to append messages to one topic, and the place where its answer arrives.
///
/// It is a class to extend, not a record with a callback beside it, so that one publish is one
/// object on its way through the engine. The caller makes it, hands it to [TopicLog#append] and
/// leaves it alone until [#onAnswered] is called; nothing in it changes.
///
/// All drafts are stored with consecutive offsets, or none is.
public abstract class Append {
    /// No [#expectedOffset] is asked for.
    public static final long ANY_OFFSET = -1;

    private final TopicName topic;
    private final List<Draft> drafts;
    private final @Nullable String from;
    private final String idScope;
    private final long expectedOffset;
    private final Lane lane;

    /// @param drafts 1 to 1,000 messages
    /// @param from the publishing user
    /// @param idScope in which the drafts' message ids are unique in this topic: the user, or where
    ///     there is none the connection
    /// @param expectedOffset the offset that the first message must get, or [#ANY_OFFSET]
    /// @param lane on which the answer arrives
    protected Append(
            TopicName topic,
            List<Draft> drafts,
            @Nullable String from,
            String idScope,
            long expectedOffset,
            Lane lane) {
        if (drafts.isEmpty()) {
            throw new IllegalArgumentException("an append has at least one draft");
        }
        this.topic = topic;
        this.drafts = drafts;
        this.from = from;
        this.idScope = idScope;
        this.expectedOffset = expectedOffset;
        this.lane = lane;
    }

    public final TopicName topic() {
        return topic;
    }

    public final List<Draft> drafts() {
        return drafts;
    }

    public final @Nullable String from() {
        return from;
    }

    public final String idScope() {
        return idScope;
    }

    public final long expectedOffset() {
        return expectedOffset;
    }

    public final Lane lane() {
        return lane;
    }

    /// About how many bytes the request holds, for the bounds of queues.
    public final int sizeBytes() {
        int bytes = 128;
        for (int i = 0; i < drafts.size(); i++) {
            bytes += 128 + drafts.get(i).sizeBytes();
        }
        return bytes;
    }

    /// What its messages say, in bytes.
    public final int payloadBytes() {
        int bytes = 0;
        for (int i = 0; i < drafts.size(); i++) {
            bytes += drafts.get(i).sizeBytes();
        }
        return bytes;
    }

    /// Called exactly once, on the lane's own thread, when the outcome is as durable as the
    /// engine's mode says; before the batch itself reaches that lane.
    public abstract void onAnswered(AppendResult result);
}
