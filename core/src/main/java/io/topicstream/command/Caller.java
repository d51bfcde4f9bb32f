package io.topicstream.command;

import io.topicstream.access.Identity;
import io.topicstream.topic.Audience;
import io.topicstream.topic.Listener;

/// A connection that runs commands on audiences. Commands call it, and call back to it, on its own
/// thread.
public interface Caller {
    Identity identity();

    Listener listener();

    Audience audience();

    /// Runs the task on the caller's own thread: at once if that is the current one.
    void execute(Runnable task);
}
