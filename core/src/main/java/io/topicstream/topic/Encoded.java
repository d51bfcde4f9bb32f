package io.topicstream.topic;

/// A run of consecutive messages of one topic, encoded for one wire format: ready to be written to
/// any number of sockets. Owned by the lane that made it and used on its thread only.
public interface Encoded {
    /// How many bytes it holds.
    int bytes();

    /// Lets go of the lane's own hold on the bytes; sockets that still send them have their own.
    void release();
}
