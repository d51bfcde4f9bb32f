package io.topicstream.server.sink;

/// When what happens beside messages is written down.
public enum EventWish {
    /// As long as a sink wants it.
    AUTO,
    /// Always.
    ON,
    /// Never.
    OFF
}
