package io.topicstream.command;

import io.topicstream.access.Speaker;
import io.topicstream.log.Deadlines;
import io.topicstream.topic.Audience;
import io.topicstream.topic.Listener;

/// A caller on a connection that stays open, and so can listen. Commands call it, and call back to it, on its own
/// thread.
public interface LiveCaller extends Caller {
    Listener listener();

    Audience audience();

    /// Who it is to a dialect, with what the conversation knows of it.
    Speaker speaker();

    /// What is waited for on the caller's own thread.
    Deadlines deadlines();
}
