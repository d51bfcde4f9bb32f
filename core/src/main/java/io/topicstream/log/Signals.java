package io.topicstream.log;

/// The port through which something is said to everybody who listens to a topic, and not kept. With
/// live nodes it is part of their [TopicFeed]; without them it is a function over the rows of the
/// audience. Thread-safe; does not block.
@FunctionalInterface
public interface Signals {
    /// Says something to all that listen to the topic, on all nodes, without keeping it. May be lost.
    void signal(TopicName topic, byte[] signal);
}
