package io.topicstream.log;

/// One lane's ear on one topic. All methods are called on the lane's own thread, out of
/// [HandOver#run].
public interface Follower {
    /// The answer to [TopicFeed#follow]: every batch at or after `extent.nextOffset()` reaches this
    /// follower from now on, once, in order and without a gap. Older ones may still come and are
    /// dropped by offset.
    void onFollowed(Extent extent);

    /// A batch was committed, and is durable.
    void onCommitted(Batch batch);

    /// Something was said to the audience and not kept. Not ordered against batches.
    void onSignal(byte[] signal);

    /// The feed lost its place (a connection to a store broke): batches may be missing. Follow
    /// again; what was missed is read from the log.
    void onLost();
}
