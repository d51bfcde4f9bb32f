package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.log.Deadlines;
import io.topicstream.topic.Audience;
import io.topicstream.topic.Listener;

/// A connection that runs commands on audiences. Commands call it, and call back to it, on its own
/// thread.
public interface Caller {
    Identity identity();

    Listener listener();

    Audience audience();

    /// What is waited for on the caller's own thread.
    Deadlines deadlines();
}
