package io.topicstream.log;

/// What the log says at once to an append.
public enum Admission {
    /// Taken; the answer follows.
    ACCEPTED,
    /// Taken, but the queue is over its soft bound: read no more from this publisher until this
    /// append is answered.
    ACCEPTED_SLOW_DOWN,
    /// Not taken: the queue is over its hard bound, or the engine is closed. No answer follows.
    REFUSED
}
