package io.topicstream.log;

/// The port through which something is said to everybody who listens to a topic, and not kept. With
/// live nodes it is part of their [TopicFeed]; without them it is a function over the rows of the
/// audience. Thread-safe; does not block.
@FunctionalInterface
public interface Signals {
    /// Says something to all that listen to the topic, on all nodes, without keeping it. May be lost.
    ///
    /// @return with [Admission#ACCEPTED_SLOW_DOWN], so much waits that the caller should wait a little;
    ///     with [Admission#REFUSED] nobody will hear it
    Admission signal(TopicName topic, byte[] signal);
}
