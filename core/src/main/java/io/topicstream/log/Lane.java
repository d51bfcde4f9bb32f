package io.topicstream.log;

/// Where an engine's answers and batches go: a thread of the caller's with a queue in front.
///
/// An engine makes at most one hand-over per lane and commit, so that a commit with a thousand
/// answers and batches wakes an event loop once.
@FunctionalInterface
public interface Lane {
    /// A lane without a thread of its own: hand-overs run on the engine's thread. For tools and
    /// tests whose answers do no work.
    Lane DIRECT = HandOver::run;

    /// Called on a thread of the engine, in commit order. Only queues the hand-over; the lane calls
    /// [HandOver#run] on its own thread, once each and in the order of these calls, and then lets go of
    /// it: the engine may fill it again.
    void enqueue(HandOver handOver);
}
