package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// The time between two lives: the store has failed, and the next one is not open yet.
///
/// Meanwhile only writes are refused. Those who follow, or no longer do, are served, and signals are heard; where the
/// old store is still open, as with a full disk, reads go on too.
///
/// Owned by the writer.
final class Outage {
    private static final long RETRY_NS = 100_000_000;

    private final Lives lives;
    private final StoreCalls calls;
    private boolean isOn;
    private boolean isClosing;
    private long retryAtNs;
    private String reason = "";
    private AppendResult unavailable = new AppendResult.Unavailable("");

    Outage(Lives lives, StoreCalls calls) {
        this.lives = lives;
        this.calls = calls;
    }

    boolean isOn() {
        return isOn;
    }

    /// Whether no other life is to begin.
    boolean isClosing() {
        return isClosing;
    }

    void beginClosing() {
        isClosing = true;
    }

    /// Ends the turn's life: makes a group that tells everybody of it, with all that was parked at topics.
    void begin(Turn turn) {
        isOn = true;
        setReason(Life.reason(Objects.requireNonNull(turn.life.failure)));
        retryAtNs = System.nanoTime();
        turn.rows.clear();
        turn.start();
        turn.group.refusal = reason;
        turn.group.endsLife = true;
        for (TopicEntry entry : turn.life.entries.values()) {
            entry.listeners = Followers.NONE;
            entry.mayBeUnsynced = entry.lastGroup > turn.life.durableGroup;
            refuseParked(turn, entry);
        }
    }

    private void setReason(String why) {
        reason = why;
        unavailable = new AppendResult.Unavailable(why);
    }

    /// Begins a group of which the commands are refused, and all else is told.
    void startGroup(Turn turn) {
        turn.start();
        turn.group.outage = reason;
    }

    void refuse(Turn turn, Append append) {
        turn.group.answer(append, unavailable);
    }

    /// Refuses the command where it needs what there is not now.
    ///
    /// @return false where it can be done
    boolean refuses(Turn turn, Command command) {
        boolean isServed = switch (command) {
            case Command.Follow _, Command.Unfollow _, Command.Signal _ -> !isClosing;
            case Command.Trim _,
                    Command.Redact _,
                    Command.DropBatches _,
                    Command.Retain _,
                    Command.LookedAtAll _,
                    Command.OfRecord _,
                    Command.Barrier<?> _,
                    Command.Checkpoint _,
                    Command.Then _ -> false;
        };
        if (!isServed) {
            turn.refuseWithGroup(command);
        }
        return !isServed;
    }

    /// Refuses what was parked, but for those who follow or no longer do: they need no writes.
    void refuseParked(Turn turn, TopicEntry entry) {
        ArrayDeque<Parked> parked = entry.parked;
        for (int left = parked == null ? 0 : parked.size(); left > 0; left--) {
            Parked item = Objects.requireNonNull(parked).remove();
            switch (item) {
                case Parked.Publish(Append append) -> refuse(turn, append);
                case Command.Follow follow when !isClosing -> parked.add(follow);
                case Command.Unfollow unfollow when !isClosing -> parked.add(unfollow);
                case Command.OfTopic command -> turn.refuseWithGroup(command);
            }
        }
    }

    /// Whether it is time to try to open the store again.
    boolean isDue() {
        return !isClosing && System.nanoTime() - retryAtNs >= 0;
    }

    /// How long the writer may wait for work meanwhile.
    static long idleNs() {
        return RETRY_NS / 4;
    }

    /// Closes the store of the turn's life, and opens it again.
    ///
    /// @return null where it is not to be opened yet, or cannot be
    @Nullable
    Life openAgain(Turn turn) {
        retryAtNs = System.nanoTime() + RETRY_NS;
        if (!mayOpenAgain(turn.life)) {
            return null;
        }
        // No question of the old life is under way past this point, and rows of it are gone.
        turn.rows.close();
        Life next = lives.next(turn.life);
        if (next == null) {
            setReason(lives.outage());
            turn.rows = new CommitBatch(turn.life.store.handles());
        } else {
            turn.rows = new CommitBatch(next.store.handles());
        }
        return next;
    }

    /// Not while the disk has no room for it: meanwhile the old store can be read. And not where its files are gone:
    /// what would be opened is another store.
    private boolean mayOpenAgain(Life life) {
        boolean isFull = life.store.isOpen() && Store.isNoSpace(Objects.requireNonNull(life.failure));
        return life.store.whatIsGone() == null && (!isFull || calls.hasRoomToReopen(life.store));
    }

    void end() {
        isOn = false;
    }

    /// Tells those who began to follow meanwhile that their feed is lost: they follow again, in the next life, and
    /// learn by that what was written since.
    static void tellFollowers(Turn turn, TopicEntry entry) {
        Followers followers = entry.listeners;
        for (int i = 0; i < followers.size(); i++) {
            Command.Follow begun = new Command.Follow(
                    entry.topic, followers.lanes()[i], followers.followers()[i]);
            turn.group.happened(entry, new Event.Lost(begun));
        }
    }
}
