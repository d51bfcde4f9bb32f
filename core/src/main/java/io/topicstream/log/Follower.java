package io.topicstream.log;

/// One lane's ear on one topic. All methods are called on the lane's own thread, out of
/// [HandOver#run].
public interface Follower {
    /// The answer to [TopicFeed#follow]: batches at or after `extent.nextOffset()` reach this follower from
    /// now on, each at most once and in order. Older ones may still come and are dropped by offset. One
    /// that leaves a gap says that the batches before it were lost on the way: the log has them.
    void onFollowed(Extent extent);

    /// A batch was committed, and is durable.
    void onCommitted(Batch batch);

    /// Everything below the offset is durable, whether its batches came or not. Said now and then by
    /// engines whose feeds may lose a batch, since a lost last one leaves no gap.
    ///
    /// @param epoch the life of the log in which it holds
    /// @param next the offset that the next message will get
    default void onTail(long epoch, long next) {}

    /// Something was said to the audience and not kept. Not ordered against batches.
    void onSignal(byte[] signal);

    /// The feed lost its place (a connection to a store broke): batches may be missing. Follow
    /// again; what was missed is read from the log.
    void onLost();
}
