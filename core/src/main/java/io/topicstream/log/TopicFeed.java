package io.topicstream.log;

/// The port through which the lanes of live nodes hear what is committed. Engines without live
/// nodes (serverless) have none.
///
/// For each lane and topic there is at most one [Follower] at a time. What reaches a lane comes in
/// commit order per topic; one [HandOver] carries everything that one commit has for the lane. A
/// batch comes only when it is as durable as [TopicLog#durability] says. Methods may be called on
/// any thread and do not block.
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
