package io.topicstream.log;

/// The port through which the lanes of live nodes hear what is committed. Engines without live
/// nodes (serverless) have none.
///
/// For each lane and topic there is at most one [Follower] at a time. What reaches a lane comes in
/// commit order per topic, and the answer to an append before a batch that has its messages, where both
/// go to one lane. A batch may be missing: the next one, or [Follower#onTail], then shows it, and the log
/// has it. A batch comes only when it is as durable as [TopicLog#durability] says. Methods may be called
/// on any thread and do not block.
public interface TopicFeed extends Signals {
    /// Begins to follow; answered by [Follower#onFollowed] on the lane's thread, or by
    /// [Follower#onLost] if the engine cannot follow now.
    void follow(TopicName topic, Lane lane, Follower follower);

    /// Ends it. Hand-overs that are under way may still arrive; the follower drops them.
    void unfollow(TopicName topic, Lane lane, Follower follower);

    /// Says something to all followers of the topic, on all nodes, without keeping it. May be lost.
    @Override
    Admission signal(TopicName topic, byte[] signal);
}
