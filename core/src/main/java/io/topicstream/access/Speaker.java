package io.topicstream.access;

import org.jspecify.annotations.Nullable;

/// Who is at the other end of a connection: what a dialect is told when it reads what was said there, and when it
/// writes what is said there alone. What is written once for a whole audience has no speaker.
public interface Speaker {
    /// Names the connection on the wire.
    String connectionId();

    Identity identity();

    /// What else the conversation knows of its client under this name, such as the room that a chat is in; or
    /// null. As it is when the frame is read: frames before it may not have run yet.
    @Nullable
    String attribute(String name);
}
