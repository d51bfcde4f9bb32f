package io.topicstream.log;

import java.util.ArrayList;
import java.util.List;

/// Everything that one commit has for one lane: first the answers to its publishers, then the
/// batches for its followers.
///
/// Filled on one thread of the engine, then handed to the lane and touched by nobody else.
public final class HandOver {
    // Pairs in parallel lists: a commit of a thousand messages makes no object per message here.
    private final List<Append> answered = new ArrayList<>(4);
    private final List<AppendResult> results = new ArrayList<>(4);
    private final List<Follower> followers = new ArrayList<>(4);
    private final List<Object> told = new ArrayList<>(4);

    /// What a follower is told when its feed is lost.
    private static final Object LOST = new Object();

    /// An empty one, for the next commit.
    public HandOver() {}

    /// Adds the answer to an append.
    public void answer(Append append, AppendResult result) {
        answered.add(append);
        results.add(result);
    }

    /// Adds the answer to a follow.
    public void followed(Follower follower, Extent extent) {
        followers.add(follower);
        told.add(extent);
    }

    /// Adds a committed batch.
    public void committed(Follower follower, Batch batch) {
        followers.add(follower);
        told.add(batch);
    }

    /// Adds a signal.
    public void signal(Follower follower, byte[] signal) {
        followers.add(follower);
        told.add(signal);
    }

    /// Adds the loss of a feed.
    public void lost(Follower follower) {
        followers.add(follower);
        told.add(LOST);
    }

    /// Whether there is nothing to hand over.
    public boolean isEmpty() {
        return answered.isEmpty() && followers.isEmpty();
    }

    /// Tells everybody, answers first. Called once, on the lane's own thread.
    @SuppressWarnings("ReferenceEquality") // LOST is a mark, equal to nothing but itself.
    public void run() {
        for (int i = 0; i < answered.size(); i++) {
            answered.get(i).onAnswered(results.get(i));
        }
        for (int i = 0; i < followers.size(); i++) {
            Follower follower = followers.get(i);
            switch (told.get(i)) {
                case Batch batch -> follower.onCommitted(batch);
                case Extent extent -> follower.onFollowed(extent);
                case byte[] signal -> follower.onSignal(signal);
                case Object lost -> {
                    follower.onLost();
                }
            }
        }
    }
}
