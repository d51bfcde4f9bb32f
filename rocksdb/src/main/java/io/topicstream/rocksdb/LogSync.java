package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.HandOver;
import io.topicstream.log.HandOverStack;
import io.topicstream.log.Lane;
import io.topicstream.log.LogLimit;
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
    private final LogLimit logLimit;
    private final AtomicBoolean isTaken = new AtomicBoolean();

    /// How far the round has come: groups that are told, and of the next one its answers and its commands; lanes that
    /// have their hand-over. So a round that fails in the middle can be brought to its end.
    private int toldOfRound;

    private int answersTold;
    private int commandsTold;
    private int lanesTold;
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
            Executor completions,
            LogLimit logLimit) {
        this.written = written;
        this.spare = spare;
        this.queue = queue;
        this.durability = durability;
        this.calls = calls;
        this.writerWake = writerWake;
        this.holdWake = holdWake;
        this.completions = completions;
        this.logLimit = logLimit;
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
        } catch (RuntimeException | Error e) {
            Life current = life;
            if (current != null) {
                current.failure = e;
            }
            throw e;
        } finally {
            isTaken.set(false);
        }
    }

    private int doRound() {
        if (!round.isEmpty()) {
            return refuseRest(Objects.requireNonNull(life, "groups come after their life"));
        }
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
        return endRound();
    }

    /// Brings a round to its end that failed in the middle: what it has not told is refused.
    private int refuseRest(Life current) {
        String reason = Life.reason(current.failure);
        while (toldOfRound < round.size()) {
            Group group = round.get(toldOfRound);
            if (answersTold > 0 || commandsTold > 0) {
                refuseRest(group, reason);
            } else {
                refuse(current, group, reason);
            }
            groupIsTold();
        }
        return endRound();
    }

    private void groupIsTold() {
        toldOfRound++;
        answersTold = 0;
        commandsTold = 0;
    }

    private void sync(Life current, long sequence) {
        try {
            calls.sync(current.store);
            syncs = syncs + 1;
            current.store.noteSynced(sequence);
        } catch (RocksDBException | IOException | RuntimeException | Error e) {
            fail(current, "a sync failed; the store is closed and opened again", e);
        }
    }

    private void tell(Life current) {
        while (toldOfRound < round.size()) {
            Group group = round.get(toldOfRound);
            Throwable failure = current.failure;
            if (group.refusal != null || (failure != null && group.outage == null)) {
                refuse(current, group, group.refusal != null ? group.refusal : Life.reason(failure));
            } else {
                messagesTold = messagesTold + group.messages;
                tellOrFail(current, group);
            }
            groupIsTold();
        }
    }

    /// Hands over what there is for each lane, and gives back everything that the round held.
    private int endRound() {
        while (lanesTold < lanes.size()) {
            Lane lane = lanes.get(lanesTold++);
            try {
                lane.enqueue(Objects.requireNonNull(handOvers.get(lane), "made for the lane"));
            } catch (RuntimeException | Error e) {
                // Its fault is its own: the others still hear, and the log goes on.
                if (logLimit.permits("lane")) {
                    LOGGER.log(System.Logger.Level.ERROR, "a lane failed to take its hand-over", e);
                }
            }
        }
        lanes.clear();
        lanesTold = 0;
        handOvers.clear();
        lastLane = null;
        lastHandOver = null;
        int groups = round.size();
        groupsTold = groupsTold + groups;
        long number = round.getLast().number;
        long heldBytes = 0;
        for (int i = 0; i < groups; i++) {
            Group group = round.get(i);
            heldBytes += group.heldBytes;
            group.clear();
            spare.offer(group);
        }
        round.clear();
        toldOfRound = 0;
        queue.release(heldBytes);
        completedGroup = number;
        holdWake.signal();
        writerWake.signal();
        return groups;
    }

    /// An invariant that does not hold ends the life: going on would be going on wrong.
    private void tellOrFail(Life current, Group group) {
        try {
            tell(current, group);
            if (group.outage == null) {
                current.durableGroup = group.number;
            }
        } catch (RuntimeException | Error e) {
            fail(current, "the log met what cannot be; the store is closed and opened again", e);
            refuseRest(group, Life.reason(e));
        }
    }

    private void fail(Life current, String what, Throwable e) {
        current.failure = e;
        if (logLimit.permits(what)) {
            LOGGER.log(System.Logger.Level.ERROR, what, e);
        }
    }

    /// Refuses what was not told before the round failed, so that nobody waits for ever.
    private void refuseRest(Group group, String reason) {
        AppendResult unavailable = new AppendResult.Unavailable(reason);
        for (int i = answersTold; i < group.answered.size(); i++) {
            Append append = group.answered.get(i);
            handOver(append.lane()).answer(append, unavailable);
        }
        for (int i = commandsTold; i < group.commands.size(); i++) {
            refuse(group.commands.get(i), reason);
        }
    }

    private void tell(Life current, Group group) {
        for (int i = 0; i < group.answered.size(); i++) {
            Append append = group.answered.get(i);
            handOver(append.lane()).answer(append, group.results.get(i));
            answersTold++;
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
            Batch batch = group.batches.get(i);
            if (batch != null) {
                tell(entry, batch);
            }
            Event event = group.events.get(i);
            if (event != null) {
                tell(current, entry, event);
            }
        }
        for (int i = 0; i < group.commands.size(); i++) {
            Command command = group.commands.get(i);
            if (group.outage == null) {
                completions.execute(command::done);
            } else {
                refuse(command, group.outage);
            }
            commandsTold++;
        }
    }

    private void tell(TopicEntry entry, Batch batch) {
        Followers followers = entry.followers;
        for (int i = 0; i < followers.size(); i++) {
            handOver(followers.lanes()[i]).committed(followers.followers()[i], batch);
        }
    }

    private void tell(Life current, TopicEntry entry, Event event) {
        switch (event) {
            case Event.Listening listening -> {
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
            case Event.Lost lost -> tell(lost);
            case Event.Trimmed trimmed -> {
                entry.durableFirst = trimmed.first();
                trimmed.command().extent = new Extent(current.epoch(), trimmed.first(), trimmed.next());
            }
        }
    }

    private void tell(Event.Lost lost) {
        handOver(lost.follow().lane()).lost(lost.follow().follower());
    }

    private static Extent extentOf(Life current, TopicEntry entry) {
        long next = entry.durableNext;
        return new Extent(current.epoch(), Math.min(entry.firstToSee(), next), next);
    }

    private void refuse(Life current, Group group, String reason) {
        AppendResult unavailable = new AppendResult.Unavailable(reason);
        for (Append append : group.answered) {
            handOver(append.lane()).answer(append, unavailable);
        }
        for (@Nullable Event event : group.events) {
            switch (event) {
                case Event.Listening(Followers _, Command.@Nullable Follow begun) -> {
                    if (begun != null) {
                        handOver(begun.lane()).lost(begun.follower());
                    }
                }
                case Event.Lost lost -> tell(lost);
                case Event.Trimmed _, Command.Signal _ -> {
                    // Nobody waits for it, or it is one of the commands below.
                }
                case null -> {
                    // A batch: those who published it are refused above.
                }
            }
        }
        for (Command command : group.commands) {
            refuse(command, reason);
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

    private void refuse(Command command, String reason) {
        if (command instanceof Command.Follow follow) {
            handOver(follow.lane()).lost(follow.follower());
        } else {
            completions.execute(() -> command.refuse(reason));
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
}
