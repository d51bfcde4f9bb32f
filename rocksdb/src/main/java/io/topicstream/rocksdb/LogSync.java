package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.HandOver;
import io.topicstream.log.HandOverStack;
import io.topicstream.log.Lane;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Makes durable what the writer wrote, and then tells everybody.
///
/// One sync covers all groups that were written before it began. Then the durable tails move, and each lane
/// that has anything to hear gets one hand-over: answers first, then what its followers hear, in the order of
/// the groups.
///
/// It alone owns who follows a topic and the durable tails: the writer sends both through the same groups. So
/// whoever begins to follow is told a tail, and every batch from that tail on comes after it; there is no
/// moment between looking at the tail and being on the list.
///
/// After a failed sync nothing of the life is synced again: what the operating system could not write once it may
/// count as written the next time. All groups of the life are refused, the failed ones and those behind them.
///
/// A round runs on the writer's thread while little waits, and on the sync thread, which is a loop around [#doWork],
/// when the writer had better go on meanwhile. Only one of them is in a round at a time; the other finds it taken.
/// What is said below of "this thread" is whoever is in the round.
@SuppressWarnings("NonAtomicVolatileUpdate") // each has one writer at a time
final class LogSync {
    private static final System.Logger LOGGER = System.getLogger(LogSync.class.getName());

    /// What a moment of much to tell leaves behind is let go of beyond this.
    private static final int SPARE_HAND_OVERS = 64;

    private final Ring<Group> written;
    private final Ring<Group> spare;
    private final SubmitQueue queue;
    private final Durability durability;
    private final StoreCalls calls;
    private final Wake writerWake;
    private final Wake holdWake;
    private final Executor completions;
    private final AtomicBoolean isTaken = new AtomicBoolean();
    private final List<Group> round = new ArrayList<>();
    private final IdentityHashMap<Lane, HandOver> handOvers = new IdentityHashMap<>();

    /// The lanes that this round has something for, in the order in which they turned up.
    private final List<Lane> lanes = new ArrayList<>();

    private @Nullable Lane lastLane;
    private @Nullable HandOver lastHandOver;

    /// Hand-overs that lanes have run and given back, and those of them that this thread has taken for
    /// its next rounds.
    private final HandOverStack givenBack = new HandOverStack();

    private final ArrayDeque<HandOver> spareHandOvers = new ArrayDeque<>(SPARE_HAND_OVERS);

    /// The life whose groups come now. Set by the writer before the first of them, read after.
    volatile @Nullable Life life;

    /// The number of the last group that everybody was told of. Read by the writer.
    volatile long completedGroup;

    // For figures and tests. Only this thread writes them.
    volatile long syncs;
    volatile long groupsTold;
    volatile long messagesTold;

    LogSync(
            Ring<Group> written,
            Ring<Group> spare,
            SubmitQueue queue,
            Durability durability,
            StoreCalls calls,
            Wake writerWake,
            Wake holdWake,
            Executor completions) {
        this.written = written;
        this.spare = spare;
        this.queue = queue;
        this.durability = durability;
        this.calls = calls;
        this.writerWake = writerWake;
        this.holdWake = holdWake;
        this.completions = completions;
    }

    /// Whether the sync thread should look. A round that the writer is in counts as work of its own: it is soon over.
    boolean hasWork() {
        return !isTaken.get() && !written.isEmpty();
    }

    /// Takes all groups that are there, syncs them, and tells of them.
    ///
    /// @return how many groups; 0 too where the other thread is in a round
    int doWork() {
        if (!isTaken.compareAndSet(false, true)) {
            return 0;
        }
        try {
            return doRound();
        } finally {
            isTaken.set(false);
        }
    }

    private int doRound() {
        Group next = written.poll();
        if (next == null) {
            return 0;
        }
        boolean mustSync = false;
        long sequence = 0;
        do {
            round.add(next);
            if (next.written && next.refusal == null) {
                mustSync = true;
                sequence = next.sequence;
            }
            next = written.poll();
        } while (next != null);
        Life current = Objects.requireNonNull(life, "groups come after their life");
        if (mustSync && durability == Durability.DISK && current.failure == null) {
            sync(current, sequence);
        }
        tell(current);
        int groups = round.size();
        round.clear();
        return groups;
    }

    private void sync(Life current, long sequence) {
        try {
            calls.sync(current.store);
            syncs = syncs + 1;
            current.store.noteSynced(sequence);
        } catch (RocksDBException | IOException | RuntimeException e) {
            current.failure = e;
            LOGGER.log(System.Logger.Level.ERROR, "a sync failed; the store is closed and opened again", e);
        }
    }

    private void tell(Life current) {
        long heldBytes = 0;
        long messages = 0;
        for (int i = 0; i < round.size(); i++) {
            Group group = round.get(i);
            heldBytes += group.heldBytes;
            Throwable failure = current.failure;
            if (group.refusal != null || failure != null) {
                refuse(current, group, group.refusal != null ? group.refusal : LogWriter.reason(failure));
            } else {
                messages += group.messages;
                tellOrFail(current, group);
            }
        }
        queue.release(heldBytes);
        messagesTold = messagesTold + messages;
        groupsTold = groupsTold + round.size();
        for (int i = 0; i < lanes.size(); i++) {
            Lane lane = lanes.get(i);
            try {
                lane.enqueue(Objects.requireNonNull(handOvers.get(lane), "made for the lane"));
            } catch (RuntimeException e) {
                LOGGER.log(System.Logger.Level.ERROR, "a lane failed to take its hand-over", e);
            }
        }
        lanes.clear();
        handOvers.clear();
        lastLane = null;
        lastHandOver = null;
        long number = round.getLast().number;
        for (int i = 0; i < round.size(); i++) {
            Group group = round.get(i);
            group.clear();
            spare.offer(group);
        }
        completedGroup = number;
        holdWake.signal();
        writerWake.signal();
    }

    /// An invariant that does not hold ends the life: going on would be going on wrong.
    private void tellOrFail(Life current, Group group) {
        try {
            tell(current, group);
        } catch (RuntimeException | AssertionError e) {
            current.failure = e;
            LOGGER.log(System.Logger.Level.ERROR, "the log met what cannot be; opening the store again", e);
        }
    }

    private void tell(Life current, Group group) {
        for (int i = 0; i < group.answered.size(); i++) {
            Append append = group.answered.get(i);
            handOver(append.lane()).answer(append, group.results.get(i));
        }
        for (int i = 0; i < group.entries.size(); i++) {
            TopicEntry entry = group.entries.get(i);
            long next = group.nexts[i];
            if (next != 0) {
                if (next < entry.durableNext) {
                    throw new AssertionError("the durable tail of " + entry.topic + " would go back from "
                            + entry.durableNext + " to " + next);
                }
                entry.durableNext = next;
            }
            Object what = group.happened.get(i);
            if (what != null) {
                tell(current, entry, what);
            }
        }
        for (int i = 0; i < group.commands.size(); i++) {
            Command command = group.commands.get(i);
            completions.execute(command::done);
        }
    }

    private void tell(Life current, TopicEntry entry, Object what) {
        switch (what) {
            case Batch batch -> {
                Followers followers = entry.followers;
                for (int i = 0; i < followers.size(); i++) {
                    handOver(followers.lanes()[i]).committed(followers.followers()[i], batch);
                }
            }
            case Listening listening -> {
                entry.followers = listening.followers();
                Command.Follow begun = listening.begun();
                if (begun != null) {
                    handOver(begun.lane()).followed(begun.follower(), extentOf(current, entry));
                }
            }
            case Command.Signal signal -> {
                Followers followers = entry.followers;
                for (int i = 0; i < followers.size(); i++) {
                    handOver(followers.lanes()[i]).signal(followers.followers()[i], signal.signal());
                }
            }
            case Lost lost -> handOver(lost.follow().lane()).lost(lost.follow().follower());
            case Trimmed trimmed -> {
                entry.durableFirst = trimmed.first();
                trimmed.command().extent = new Extent(current.epoch(), trimmed.first(), trimmed.next());
            }
            default -> throw new AssertionError("nobody hears " + what);
        }
    }

    private static Extent extentOf(Life current, TopicEntry entry) {
        long next = entry.durableNext;
        return new Extent(current.epoch(), Math.min(entry.durableFirst, next), next);
    }

    private void refuse(Life current, Group group, String reason) {
        AppendResult unavailable = new AppendResult.Unavailable(reason);
        for (Append append : group.answered) {
            handOver(append.lane()).answer(append, unavailable);
        }
        for (@Nullable Object what : group.happened) {
            switch (what) {
                case Listening(Followers followers, Command.@Nullable Follow begun)
                when begun != null -> handOver(begun.lane()).lost(begun.follower());
                case Lost lost ->
                    handOver(lost.follow().lane()).lost(lost.follow().follower());
                case null, default -> {
                    // Nobody waits for it.
                }
            }
        }
        for (Command command : group.commands) {
            if (command instanceof Command.Follow follow) {
                handOver(follow.lane()).lost(follow.follower());
            } else {
                completions.execute(() -> command.refuse(reason));
            }
        }
        if (group.endsLife) {
            for (TopicEntry entry : current.entries.values()) {
                Followers followers = entry.followers;
                for (int i = 0; i < followers.size(); i++) {
                    handOver(followers.lanes()[i]).lost(followers.followers()[i]);
                }
                entry.followers = Followers.NONE;
            }
        }
    }

    @SuppressWarnings("ReferenceEquality") // a lane is what it is, whatever its equals says
    private HandOver handOver(Lane lane) {
        HandOver last = lastHandOver;
        if (lane == lastLane && last != null) {
            return last;
        }
        HandOver of = handOvers.get(lane);
        if (of == null) {
            of = emptyHandOver();
            handOvers.put(lane, of);
            lanes.add(lane);
        }
        lastLane = lane;
        lastHandOver = of;
        return of;
    }

    /// One that a lane has given back, or else a new one.
    private HandOver emptyHandOver() {
        HandOver spare = spareHandOvers.poll();
        if (spare != null) {
            return spare;
        }
        HandOver back = givenBack.takeAll();
        if (back == null) {
            return new HandOver(givenBack);
        }
        for (HandOver more = back.next();
                more != null && spareHandOvers.size() < SPARE_HAND_OVERS;
                more = more.next()) {
            spareHandOvers.add(more);
        }
        return back;
    }

    /// Somebody began or ended to follow.
    ///
    /// @param followers who follows from now on
    /// @param begun who is to be told, or null
    record Listening(Followers followers, Command.@Nullable Follow begun) {}

    /// A follow that cannot be done: the topic cannot be read.
    record Lost(Command.Follow follow) {}

    /// A topic let go of its front.
    record Trimmed(Command.Trim command, long first, long next) {}
}
