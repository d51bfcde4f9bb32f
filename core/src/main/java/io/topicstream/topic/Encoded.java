package io.topicstream.topic;

import org.jspecify.annotations.Nullable;

/// A run of consecutive messages of one topic, made by an [Encoding]: ready to be written to any number
/// of sockets. Owned by the lane that made it and used on its thread only.
///
/// It is a class to extend, so that what the lane notes of it ([RecentRuns]) takes no object of its
/// own: a lane keeps tens of thousands of them.
public abstract class Encoded {
    // Set while it is among the recent runs.
    RecentRuns.@Nullable OfTopic recent;
    long first;
    int messageCount;

    protected Encoded() {}

    /// How many bytes it holds.
    public abstract int bytes();

    /// Lets go of the lane's own hold on the bytes; sockets that still send them have their own. The
    /// lane calls it once and then knows it no more, so the object itself may be used again.
    public abstract void release();
}
