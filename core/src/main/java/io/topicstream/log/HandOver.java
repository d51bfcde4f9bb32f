package io.topicstream.log;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Everything that one commit has for one lane: first the answers to its publishers, then the
/// batches for its followers.
///
/// Filled on one thread of the engine, then handed to the lane, whose it is until it has run it. From
/// there it goes back to the engine that made it, if that wants it for another commit
/// ([#HandOver(HandOverStack)]); so a lane runs it once and then lets go of it.
public final class HandOver {
    private static final System.Logger LOGGER = System.getLogger(HandOver.class.getName());

    // Pairs in parallel lists: a commit of a thousand messages makes no object per message here.
    private final List<Append> answered = new ArrayList<>(4);
    private final List<AppendResult> results = new ArrayList<>(4);
    private final List<Follower> followers = new ArrayList<>(4);
    private final List<Told> told = new ArrayList<>(4);

    /// Where it goes when it has run, empty.
    private final @Nullable HandOverStack home;

    /// The one below it in a [HandOverStack]; of the thread that owns this one.
    @Nullable
    HandOver next;

    /// What a follower is told. A batch and an extent are told as they are, without an object around them.
    sealed interface Told permits Batch, Extent, Tail, Signal, Lost {}

    private record Tail(long epoch, long next) implements Told {}

    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    private record Signal(byte[] signal) implements Told {}

    private record Lost() implements Told {}

    /// About what a signal takes beside its bytes.
    private static final int SIGNAL_BYTES = 100;

    private static final Told LOST = new Lost();

    /// An empty one, for one commit.
    public HandOver() {
        this.home = null;
    }

    /// An empty one, for one commit after the other.
    ///
    /// @param home on which it lays itself when it has run, and is empty again
    public HandOver(HandOverStack home) {
        this.home = home;
    }

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

    /// Adds how far a topic has come.
    public void tail(Follower follower, long epoch, long next) {
        followers.add(follower);
        told.add(new Tail(epoch, next));
    }

    /// Adds a signal.
    public void signal(Follower follower, byte[] signal) {
        followers.add(follower);
        told.add(new Signal(signal));
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

    /// The one that was enqueued after it, where [HandOverStack#takeAll] brought both; to be asked
    /// before [#run], which may give this one away.
    public @Nullable HandOver next() {
        return next;
    }

    /// About how many bytes its signals take. For the lane, before it runs it.
    public long signalBytes() {
        long bytes = 0;
        for (int i = 0; i < told.size(); i++) {
            if (told.get(i) instanceof Signal signal) {
                bytes += SIGNAL_BYTES + signal.signal.length;
            }
        }
        return bytes;
    }

    /// Forgets its signals, each of which may be lost. For a lane that has no room for them.
    ///
    /// @return whether nothing else is in it
    public boolean dropSignals() {
        int kept = 0;
        for (int i = 0; i < told.size(); i++) {
            if (!(told.get(i) instanceof Signal)) {
                told.set(kept, told.get(i));
                followers.set(kept, followers.get(i));
                kept++;
            }
        }
        told.subList(kept, told.size()).clear();
        followers.subList(kept, followers.size()).clear();
        return kept == 0 && answered.isEmpty();
    }

    /// Tells everybody, answers first. Called once, on the lane's own thread, which then lets go of it.
    /// A fault in telling one keeps nobody else from hearing; an error is thrown when all have heard.
    public void run() {
        Throwable first = null;
        for (int i = 0; i < answered.size(); i++) {
            try {
                answered.get(i).onAnswered(results.get(i));
            } catch (RuntimeException | Error e) {
                first = first == null ? e : first;
            }
        }
        for (int i = 0; i < followers.size(); i++) {
            try {
                tell(followers.get(i), told.get(i));
            } catch (RuntimeException | Error e) {
                first = first == null ? e : first;
            }
        }
        if (home != null) {
            answered.clear();
            results.clear();
            followers.clear();
            told.clear();
            home.put(this);
        }
        // Only now: a line in the log may fail as well, where memory or descriptors have run out.
        if (first instanceof Error error) {
            throw error;
        }
        if (first != null) {
            LOGGER.log(System.Logger.Level.ERROR, "an answer or a batch could not be taken", first);
        }
    }

    private static void tell(Follower follower, Told what) {
        switch (what) {
            case Batch batch -> follower.onCommitted(batch);
            case Extent extent -> follower.onFollowed(extent);
            case Signal signal -> follower.onSignal(signal.signal);
            case Tail tail -> follower.onTail(tail.epoch, tail.next);
            case Lost _ -> follower.onLost();
        }
    }
}
