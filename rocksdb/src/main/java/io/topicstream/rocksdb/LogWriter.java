package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Durability;
import io.topicstream.log.LogLimit;
import java.util.ArrayDeque;
import java.util.Objects;
import org.rocksdb.RocksDBException;

/// Gives every message its place, and writes.
///
/// A [Turn] drains the queue up to [Turn#MAX_MESSAGES] or [Turn#MAX_BYTES], decides about each append in order, writes
/// all of it as one group, and hands the group to [LogSync], which syncs and answers: on this very thread while little
/// waits, else on its own. Groups form by themselves: what arrives while one is written or synced is the next one.
///
/// Here stands what goes through the queue in which order, and when a life ends. The decisions are made in parts that
/// do not know the writer: [TopicWriter], [IdWriter], [StateWriter]; [TopicEntries] says which topics are in memory.
///
/// ## It never reads
///
/// What it does not know (a topic it has not in memory, a message id it may have seen) it asks a reader for, by a
/// [TopicQuestion], and parks everything for that topic, in order, until the answer is there. Other topics go on.
///
/// ## When something fails
///
/// A failed write or sync ends the [Life], and so does an `Error` in a turn. Everything unanswered is refused,
/// followers are told that their feed is lost, the store is closed and opened again, and the next life begins with
/// nothing in memory.
///
/// Where the disk is full, the old store stays open until there is room, and only writes are refused meanwhile
/// ([Outage]): reads go on, who follows is answered and hears signals, and is told of a loss when the next life
/// begins.
///
/// Owns the entries' writer fields and, with its parts, all that they have. Runs on one thread, which is a loop around
/// [#doWork].
final class LogWriter {
    private static final System.Logger LOGGER = System.getLogger(LogWriter.class.getName());
    private static final int HOLD_BACK_BELOW = 256;
    private static final long IDLE_NS = 1_000_000_000L;

    private final SubmitQueue queue;
    private final Ring<Group> written;
    private final LogSync sync;
    private final Wake syncWake;
    private final StoreCalls calls;
    private final LogLimit logLimit;
    private final Linger linger;
    private final Turn turn;
    private final TopicEntries entries;
    private final IdWriter ids;
    private final TopicWriter topics;
    private final RetentionWriter retention;
    private final StateWriter state;
    private final Outage outage;

    /// Topics of which more is parked than the turn had room for.
    private final ArrayDeque<TopicEntry> resumable = new ArrayDeque<>();

    /// Whether an append that comes now would be stored, as far as is known. Read by anybody.
    volatile boolean takesWrites;

    LogWriter(
            RocksOptions options,
            SubmitQueue queue,
            Ring<Group> written,
            LogSync sync,
            Wake syncWake,
            StoreCalls calls,
            Lives lives,
            Turn turn,
            RetentionWriter retention,
            LogLimit logLimit) {
        this.queue = queue;
        this.written = written;
        this.sync = sync;
        this.syncWake = syncWake;
        this.calls = calls;
        this.logLimit = logLimit;
        this.linger = new Linger(options.durability() == Durability.DISK ? options.lingerUs() * 1_000L : 0);
        this.turn = turn;
        this.entries = new TopicEntries(options.memory().entries());
        this.ids = new IdWriter(entries, lives, options.repeatsKeptMs());
        this.topics = new TopicWriter(ids, retention, options.repeatsKeptMs());
        this.retention = retention;
        this.state = new StateWriter(logLimit);
        this.outage = new Outage(lives, calls);
        begin(turn.life);
    }

    private void begin(Life next) {
        turn.begin(next);
        entries.begin();
        topics.begin(next);
        state.begin(next);
        resumable.clear();
        outage.end();
        takesWrites = true;
    }

    boolean hasWork() {
        if (written.isFull()) {
            return false;
        }
        return !queue.isEmpty()
                || turn.hasAnswers()
                || !resumable.isEmpty()
                || (!outage.isOn() && turn.life.failure != null);
    }

    /// How long the writer may wait for work.
    long idleNs() {
        return outage.isOn() ? Outage.idleNs() : IDLE_NS;
    }

    /// One turn.
    ///
    /// @return how much was done; 0 when the writer may wait
    int doWork() {
        if (written.isFull()) {
            return 0;
        }
        if (outage.isOn()) {
            return workInOutage();
        }
        if (turn.life.failure != null) {
            endLife();
            return 1;
        }
        if (holdsBack()) {
            return 0;
        }
        int work = 0;
        try {
            turn.start();
            work = drain();
            commit();
        } catch (RocksDBException | RuntimeException | Error e) {
            fail(e);
        }
        return work;
    }

    /// Whether to let the next group grow: while the sync thread is at work, writing another one for a few messages
    /// costs as much as for many, and they are not answered sooner. It wakes the writer when it is done.
    boolean holdsBack() {
        return !outage.isOn() && !turn.isAllTold() && queue.size() < HOLD_BACK_BELOW && turn.life.failure == null;
    }

    /// How long the next group should still wait to grow, in nanoseconds; 0 where it should be written now.
    long lingerNs() {
        return outage.isOn() || outage.isClosing() || turn.life.failure != null ? 0 : linger.leftNs(queue.size());
    }

    // ---- what goes through

    private int drain() throws RocksDBException {
        int work = 0;
        Found answer;
        while (turn.hasRoom() && (answer = turn.nextAnswer()) != null) {
            switch (answer) {
                case TopicAnswer ofTopic -> onAnswer(ofTopic);
                case StateAnswer ofState -> state.onAnswer(turn, ofState);
            }
            work++;
        }
        TopicEntry entry;
        while (turn.hasRoom() && (entry = resumable.poll()) != null) {
            takeUp(entry);
            work++;
        }
        boolean isFirst = true;
        while (turn.hasRoom() && queue.poll(turn.inHand)) {
            if (isFirst) {
                turn.readClock();
                isFirst = false;
            }
            acceptInHand();
            turn.inHand.clear();
            work++;
        }
        return work;
    }

    private void acceptInHand() throws RocksDBException {
        Append append = turn.inHand.append;
        if (append != null) {
            accept(append);
        } else {
            accept(Objects.requireNonNull(turn.inHand.command, "something is in hand"));
        }
    }

    private void accept(Append append) throws RocksDBException {
        if (outage.isOn()) {
            outage.refuse(turn, append);
            return;
        }
        TopicEntry entry = entries.of(turn, append.topic());
        entry.used = true;
        if (!entry.isFree() || !topics.append(turn, entry, append)) {
            park(entry, new Parked.Publish(append));
        }
    }

    private void accept(Command command) throws RocksDBException {
        if (outage.isOn() && outage.refuses(turn, command)) {
            return;
        }
        switch (command) {
            case Command.Follow follow -> accept(entries.of(turn, follow.topic()), follow);
            case Command.Trim trim -> accept(entries.of(turn, trim.topic()), trim);
            case Command.Redact redact -> accept(entries.of(turn, redact.topic()), redact);
            case Command.Unfollow unfollow -> acceptWhereHeld(unfollow);
            case Command.Signal signal -> acceptWhereHeld(signal);
            case Command.DropBatches drop -> topics.dropBatches(turn, drop);
            case Command.Retain retain -> retention.end(turn, retain);
            case Command.LookedAtAll looked -> RetentionWriter.noteRules(turn, looked);
            case Command.OfRecord change -> state.change(turn, change);
            case Command.Barrier<?> barrier -> turn.group.command(barrier);
            case Command.Checkpoint checkpoint -> {
                checkpoint.take(turn.life.store);
                turn.group.command(checkpoint);
            }
            case Command.Then then -> throw new AssertionError("the writer makes it, nobody asks for it: " + then);
        }
    }

    /// Where the topic is not in memory nobody follows it.
    private void acceptWhereHeld(Command.OfTopic command) throws RocksDBException {
        TopicEntry entry = turn.life.entries.get(command.topic().value());
        if (entry != null) {
            accept(entry, command);
        } else {
            turn.drop(command);
        }
    }

    private void accept(TopicEntry entry, Command.OfTopic command) throws RocksDBException {
        entry.used = true;
        if (!entry.isFree() || !topics.apply(turn, entry, command)) {
            park(entry, command);
        }
    }

    // ---- what waits for a reader

    private void park(TopicEntry entry, Parked item) {
        entry.park(item);
        turn.inHand.clear();
        ask(entry);
    }

    /// Asks a reader for what the parked items of the topic need, unless one is at work for it already.
    private void ask(TopicEntry entry) {
        if (!entry.waiting) {
            entry.waiting = true;
            entry.found = null;
            turn.ask(TopicQuestion.about(turn.life, entry));
        }
    }

    private void onAnswer(TopicAnswer answer) throws RocksDBException {
        TopicEntry entry = answer.question().entry();
        entry.waiting = false;
        Throwable failure = answer.failure();
        if (failure != null) {
            refuseParked(entry, failure);
            return;
        }
        if (answer.question().wantsRow()) {
            entry.load(answer.tail());
            retention.loaded(entry);
        }
        KnownIds known = answer.ids();
        if (known != null) {
            entry.ids = known;
            entries.countIdSlots(known, 0);
        }
        entry.found = new Findings(answer);
        takeUp(entry);
    }

    private void refuseParked(TopicEntry entry, Throwable failure) {
        String reason = "topic " + entry.topic + " cannot be read: " + Life.reason(failure);
        // Those who follow it ask again and again.
        if (logLimit.permits("topic " + entry.topic)) {
            LOGGER.log(System.Logger.Level.ERROR, reason, failure);
        }
        ArrayDeque<Parked> parked = entry.parked;
        Parked item;
        while (parked != null && (item = parked.poll()) != null) {
            switch (item) {
                case Parked.Publish(Append append) -> turn.group.answer(append, new AppendResult.Unavailable(reason));
                case Command.Follow follow -> {
                    turn.group.happened(entry, new Event.Lost(follow));
                    turn.group.holds(follow);
                }
                case Command.OfTopic command -> turn.refuse(command, reason);
            }
        }
        if (!entry.loaded) {
            entries.forgetUnread(turn.life, entry);
        }
    }

    /// Goes on with what was parked.
    private void takeUp(TopicEntry entry) throws RocksDBException {
        ArrayDeque<Parked> parked = entry.parked;
        if (parked == null || entry.waiting) {
            return;
        }
        while (!parked.isEmpty()) {
            if (!turn.hasRoom()) {
                resumable.add(entry);
                return;
            }
            Parked item = parked.remove();
            turn.inHand.take(item);
            boolean isDone = switch (item) {
                case Parked.Publish(Append append) -> topics.append(turn, entry, append);
                case Command.OfTopic command -> topics.apply(turn, entry, command);
            };
            turn.inHand.clear();
            if (!isDone) {
                parked.addFirst(item);
                ask(entry);
                return;
            }
        }
        entry.found = null;
        entry.parked = null;
    }

    // ---- the group

    private void commit() throws RocksDBException {
        topics.writeBatches(turn);
        state.writeAdvanced(turn);
        if (turn.rows.changes() > 0) {
            calls.write(turn.life.store, turn.rows.rows());
            turn.rows.clear();
            turn.group.written = true;
            state.wrote(turn.life);
            linger.wrote(System.nanoTime());
            turn.group.sequence = turn.life.store.lastSequence();
        }
        turn.submitQuestions();
        handOver();
    }

    private void handOver() {
        Group full = turn.take();
        if (full == null) {
            return;
        }
        boolean taken = written.offer(full);
        assert taken : "a turn begins only where there is room";
        // While little waits the next group would be held back anyway until this one is synced. So the writer syncs
        // it itself: handing it to a thread that sleeps, and being woken by it, costs more than that saves.
        if (queue.size() >= HOLD_BACK_BELOW || sync.doWork() == 0) {
            syncWake.signal();
        }
    }

    /// Drops the message ids that have run out.
    ///
    /// @return whether there were any
    boolean dropOldIds() {
        if (outage.isOn() || turn.life.failure != null || written.isFull()) {
            return false;
        }
        try {
            turn.start();
            if (!ids.dropOld(turn)) {
                return false;
            }
            commit();
        } catch (RocksDBException | RuntimeException | Error e) {
            fail(e);
        }
        return true;
    }

    // ---- the end of a life

    /// The write failed, or the writer met what cannot be: the group in the making is refused, and the life ends.
    private void fail(Throwable e) {
        takesWrites = false;
        Life life = turn.life;
        if (life.failure == null) {
            life.failure = e;
        }
        Group group = turn.group;
        if (!group.written) {
            state.didNotWrite(life);
        }
        topics.abandonBatches();
        String reason = Life.reason(e);
        group.refusal = reason;
        Append append = turn.inHand.append;
        Command command = turn.inHand.command;
        turn.inHand.clear();
        if (append != null && !group.endsWith(append)) {
            group.answer(append, new AppendResult.Unavailable(reason));
        }
        if (command != null && !group.endsWith(command)) {
            turn.refuseWithGroup(command);
        }
        if (!group.isEmpty()) {
            handOver();
        }
        if (logLimit.permits("write-failed")) {
            LOGGER.log(System.Logger.Level.ERROR, "a write failed; the store is closed and opened again", e);
        }
    }

    private void endLife() {
        takesWrites = false;
        outage.begin(turn);
        state.refuseParked(turn);
        turn.submitQuestions();
        handOver();
    }

    private int workInOutage() {
        outage.startGroup(turn);
        int work = 0;
        try {
            work = drain();
            if (outage.isClosing() && !queue.isDrained()) {
                turn.life.entries.values().forEach(entry -> outage.refuseParked(turn, entry));
            }
            turn.submitQuestions();
            handOver();
        } catch (RocksDBException | RuntimeException | Error e) {
            fail(e);
        }
        if (turn.isAllTold() && outage.isDue()) {
            work += beginAgain() ? 1 : 0;
        }
        return work;
    }

    private boolean beginAgain() {
        Life before = turn.life;
        Life next = outage.openAgain(turn);
        if (next == null) {
            return false;
        }
        begin(next);
        if (logLimit.permits("open-again")) {
            LOGGER.log(System.Logger.Level.INFO, "the store is open again");
        }
        try {
            turn.start();
            for (TopicEntry entry : before.entries.values()) {
                takeOver(entry);
            }
            commit();
        } catch (RocksDBException | RuntimeException | Error e) {
            fail(e);
        }
        return true;
    }

    /// Brings what waited between the lives into the new one.
    private void takeOver(TopicEntry entry) throws RocksDBException {
        Outage.tellFollowers(turn, entry);
        ArrayDeque<Parked> parked = entry.parked;
        Parked item;
        while (parked != null && (item = parked.poll()) != null) {
            turn.inHand.take(item);
            acceptInHand();
            turn.inHand.clear();
        }
    }

    // ---- the end

    /// Says that nothing more is taken in: what is left in a failed life is refused, and not waited for.
    void beginClosing() {
        outage.beginClosing();
    }

    /// Whether everything was answered that was taken in. To be asked when the queue is closed.
    boolean isDone() {
        return queue.isDrained()
                && turn.isAllTold()
                && (outage.isOn() || (!turn.hasAsked() && resumable.isEmpty() && turn.life.failure == null));
    }

    /// Ends the life in good order. Both threads have ended.
    void close() {
        turn.rows.close();
        Life life = turn.life;
        if (life.failure == null && life.store.isOpen()) {
            try {
                life.store.markClosed(state.nextVersion());
            } catch (RocksDBException e) {
                LOGGER.log(System.Logger.Level.WARNING, "the store was not marked as closed", e);
            }
        }
    }
}
