package io.topicstream.log;

/// Which way a read goes from the offset it names.
public enum Direction {
    /// The messages at and after the offset.
    FORWARD,
    /// The messages at and before the offset: the newest of them that fit.
    BACKWARD
}
