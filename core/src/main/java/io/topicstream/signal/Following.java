package io.topicstream.signal;

import io.topicstream.log.Backoff;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.Lane;
import io.topicstream.log.Timers;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicName;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// One lane's lasting interest in one topic: it follows, and when the feed is lost it follows again, until
/// it is ended. Owned by the lane's thread.
///
/// It follows again after a wait ([Backoff]), never from within [#onLost]: an engine may answer a follow
/// with its loss at once, and goes on doing so for as long as it is out of reach or closed. After each
/// answered follow [#onFollowing] reads anew what may have been missed meanwhile, since what a feed tells
/// is a hint: the log and the records are the truth.
public abstract class Following implements Follower {
    /// After so long without a loss, in milliseconds, the next one counts as the first.
    private static final long STEADY_MS = 5_000;

    /// What everything that one lane follows has in common.
    ///
    /// @param timers of the lane's thread
    /// @param random how long to wait is drawn from it
    public record Source(TopicFeed feed, Lane lane, Timers timers, RandomGenerator random) {}

    private final Source source;
    private final TopicName name;
    private boolean wanted;
    private boolean followed;
    private boolean again;
    private int losses;
    private @Nullable List<Runnable> waiting;

    protected Following(Source source, TopicName name) {
        this.source = source;
        this.name = name;
    }

    /// The topic.
    public final TopicName name() {
        return name;
    }

    /// Begins to follow. Called once.
    public final void begin() {
        wanted = true;
        source.feed.follow(name, source.lane, this);
    }

    /// Ends it. What is still under way is dropped.
    public final void end() {
        wanted = false;
        followed = false;
        waiting = null;
        source.feed.unfollow(name, source.lane, this);
    }

    /// Whether the feed has answered, and was not lost since.
    public final boolean isFollowed() {
        return followed;
    }

    /// Runs when the feed has answered; at once if it has.
    public final void whenFollowed(Runnable task) {
        if (followed) {
            task.run();
            return;
        }
        if (waiting == null) {
            waiting = new ArrayList<>(1);
        }
        waiting.add(task);
    }

    /// Takes back a task of [#whenFollowed] that has not run.
    public final void forget(Runnable task) {
        if (waiting != null) {
            waiting.remove(task);
        }
    }

    /// It follows, for the first time or again: everything before may have been missed.
    protected abstract void onFollowing(Extent extent);

    /// The feed is lost; it will be followed again.
    protected void onSilence() {}

    @Override
    public final void onFollowed(Extent extent) {
        if (!wanted) {
            return;
        }
        followed = true;
        if (losses > 0) {
            int before = losses;
            source.timers.schedule(() -> calmDown(before), STEADY_MS);
        }
        onFollowing(extent);
        List<Runnable> tasks = waiting;
        waiting = null;
        if (tasks != null) {
            tasks.forEach(Runnable::run);
        }
    }

    private void calmDown(int lossesBefore) {
        if (followed && losses == lossesBefore) {
            losses = 0;
        }
    }

    @Override
    public final void onLost() {
        if (!wanted) {
            return;
        }
        followed = false;
        onSilence();
        if (!again) {
            again = true;
            losses++;
            source.timers.schedule(this::followAgain, Backoff.delayMs(losses, source.random));
        }
    }

    private void followAgain() {
        again = false;
        if (wanted && !followed) {
            source.feed.follow(name, source.lane, this);
        }
    }
}
