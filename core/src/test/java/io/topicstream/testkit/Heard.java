package io.topicstream.testkit;

import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import io.topicstream.log.Extent;

/// Something that a [RecordingLane] was told, in the order in which it was told.
///
/// Every kind says in which hand-over it came, counted from 1 for each lane.
public sealed interface Heard {
    /// The number of the hand-over.
    int handOver();

    /// An answer to an append.
    record Answered(int handOver, RecordingAppend append, AppendResult result) implements Heard {}

    /// The answer to a follow.
    record Followed(int handOver, RecordingFollower follower, Extent extent) implements Heard {}

    /// A committed batch.
    record Committed(int handOver, RecordingFollower follower, Batch batch) implements Heard {}

    /// A signal, as text.
    record Signalled(int handOver, RecordingFollower follower, String signal) implements Heard {}

    /// The loss of a feed.
    record Lost(int handOver, RecordingFollower follower) implements Heard {}
}
