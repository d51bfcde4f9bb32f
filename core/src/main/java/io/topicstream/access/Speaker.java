package io.topicstream.access;

import org.jspecify.annotations.Nullable;

/// Who is at the other end of a connection: what a dialect is told when it reads what was said there, and when it
/// writes what is said there alone. What is written once for a whole audience has no speaker.
public interface Speaker {
    /// The attribute that names the room that a chat is in, as its client named it.
    String ROOM = "room";
    /// The attribute that has the id by which the client called itself, where that is another than its user's.
    String USER_ID = "user_id";
    /// The attribute that has the tag of what is withheld from the connection, where that is not its own id.
    String WITHHELD = "withheld";
    /// What that tag begins with where it is made of what the client gave for all of its connections.
    String CLIENT = "client:";

    /// Names the connection on the wire.
    String connectionId();

    Identity identity();

    /// What else the conversation knows of its client under this name, such as the room that a chat is in; or
    /// null. As it is when the frame is read: frames before it may not have run yet.
    @Nullable
    String attribute(String name);
}
