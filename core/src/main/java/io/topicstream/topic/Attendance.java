package io.topicstream.topic;

/// What a listener has to do with the presence in a topic that it listens to.
public enum Attendance {
    /// Nothing: it is not seen there, and hears nothing of those who are.
    NONE,
    /// It is seen there, and hears nothing.
    SEEN,
    /// It is seen there, and hears who comes and goes, as far as that is told.
    HEARING
}
