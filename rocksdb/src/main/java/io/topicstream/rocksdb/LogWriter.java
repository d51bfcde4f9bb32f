package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import io.topicstream.log.Draft;
import io.topicstream.log.Durability;
import io.topicstream.log.LogLimit;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.nio.ByteBuffer;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Gives every message its place, and writes.
///
/// A turn drains the queue up to [#MAX_MESSAGES] or [#MAX_BYTES], decides about each append in order, writes all
/// of it as one group, and hands the group to [LogSync], which syncs and answers: on this very thread while little
/// waits, else on its own. Groups form by themselves: what arrives while one is written or synced is the next one.
///
/// ## It never reads
///
/// What it does not know (a topic it has not in memory, a message id it may have seen) it asks a reader for, by an
/// [EntryLoad], and parks everything for that topic, in order, until the answer is there. Other topics go on.
///
/// ## When something fails
///
/// A failed write or sync ends the [Life], and so does an `Error` in a turn. Everything unanswered is refused,
/// followers are told that their feed is lost, the store is closed and opened again, and the next life begins with
/// nothing in memory.
///
/// Where the disk is full, the old store stays open until there is room, and only writes are refused meanwhile:
/// reads go on, whoever follows is answered and hears signals, and is told of a loss when the next life begins.
///
/// Owns the entries' writer fields, the group in the making, versions and topic ids. Runs on one thread, which is a
/// loop around [#doWork].
final class LogWriter {
    static final int MAX_MESSAGES = 1024;
    static final int MAX_BYTES = 1 << 20;

    private static final System.Logger LOGGER = System.getLogger(LogWriter.class.getName());
    private static final int HOLD_BACK_BELOW = 256;
    private static final int MAX_SLOTS = 8192;
    private static final int MAX_ID_SLOTS = 4 << 20;
    private static final long RETRY_NS = 100_000_000;

    private final RocksOptions options;
    private final InstantSource clock;
    private final SubmitQueue queue;
    private final Ring<Group> written;
    private final Ring<Group> spare;
    private final LogSync sync;
    private final Wake syncWake;
    private final StoreCalls calls;
    private final Executor lookups;
    private final Wake wake;
    private final Lives lives;
    private final LogLimit logLimit;

    /// What readers found out: [EntryLoad] and [StateLoad].
    final Queue<Object> found = new ConcurrentLinkedQueue<>();

    private Life life;
    private CommitBatch rows;
    private Group group;
    private long lastGroup;
    private final Linger linger;
    private final List<TopicEntry> touched = new ArrayList<>();
    private final ArrayDeque<TopicEntry> resumable = new ArrayDeque<>();
    private final List<Runnable> questions = new ArrayList<>();
    private final ArrayDeque<ArrayList<Append>> spareLists = new ArrayDeque<>();
    private final ArrayDeque<TopicEntry> candidates = new ArrayDeque<>();
    private int asked;
    private int idSlots;
    private final Map<String, StateSlot> slots = new HashMap<>();
    private final ArrayDeque<StateSlot> slotOrder = new ArrayDeque<>();
    private long nextTopicId;
    private long nextVersion;
    private long versionCeiling;
    private long nowMs;

    // Between two lives.
    private boolean isBetweenLives;
    private boolean isClosing;
    private long retryAtNs;
    private String outage = "";
    private AppendResult unavailable = new AppendResult.Unavailable("");

    /// What is being decided about: not in the queue any more, and not yet in the group or parked.
    private @Nullable Object inHand;

    /// The number of the last group with a change of a state record that the store took.
    private long lastStateGroup;

    /// Whether an append that comes now would be stored, as far as is known. Read by anybody.
    volatile boolean takesWrites;

    /// What the writer knows of a state record.
    private static final class StateSlot {
        final String name;
        boolean known;
        long version;
        long expiresAtMs;
        long lastGroup;
        final ArrayDeque<Command.StateChange> parked = new ArrayDeque<>(2);

        StateSlot(String name) {
            this.name = name;
        }
    }

    /// A reader's answer about a state record.
    record StateLoad(
            Life life,
            String name,
            @Nullable StateRow row,
            @Nullable Throwable failure) {}

    LogWriter(
            RocksOptions options,
            SubmitQueue queue,
            Ring<Group> written,
            Ring<Group> spare,
            LogSync sync,
            Wake syncWake,
            StoreCalls calls,
            Executor lookups,
            Wake wake,
            Lives lives,
            Life first,
            LogLimit logLimit) {
        this.options = options;
        this.clock = options.clock();
        this.queue = queue;
        this.written = written;
        this.spare = spare;
        this.sync = sync;
        this.syncWake = syncWake;
        this.calls = calls;
        this.lookups = lookups;
        this.wake = wake;
        this.lives = lives;
        this.logLimit = logLimit;
        this.life = first;
        this.linger = new Linger(options.durability() == Durability.DISK ? options.lingerUs() * 1_000L : 0);
        this.rows = new CommitBatch(first.store.handles());
        this.group = new Group(queue);
        begin(first);
    }

    private void begin(Life next) {
        life = next;
        sync.life = next;
        nextTopicId = next.store.nextTopicId();
        versionCeiling = next.store.row().versions();
        nextVersion = versionCeiling - Store.VERSIONS_AHEAD;
        touched.clear();
        resumable.clear();
        candidates.clear();
        slots.clear();
        slotOrder.clear();
        idSlots = 0;
        asked = 0;
        lastStateGroup = 0;
        isBetweenLives = false;
        takesWrites = true;
    }

    boolean hasWork() {
        if (written.isFull()) {
            return false;
        }
        return !queue.isEmpty()
                || !found.isEmpty()
                || !resumable.isEmpty()
                || (!isBetweenLives && life.failure != null);
    }

    /// How long the writer may wait for work.
    long idleNs() {
        return isBetweenLives ? RETRY_NS / 4 : 1_000_000_000L;
    }

    /// One turn.
    ///
    /// @return how much was done; 0 when the writer may wait
    int doWork() {
        if (written.isFull()) {
            return 0;
        }
        if (isBetweenLives) {
            return workBetweenLives();
        }
        if (life.failure != null) {
            endLife();
            return 1;
        }
        if (holdsBack()) {
            return 0;
        }
        int work = 0;
        try {
            startGroup();
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
        return !isBetweenLives
                && lastGroup != sync.completedGroup
                && queue.size() < HOLD_BACK_BELOW
                && life.failure == null;
    }

    /// How long the next group should still wait to grow, in nanoseconds; 0 where it should be written now.
    long lingerNs() {
        return isBetweenLives || isClosing || life.failure != null ? 0 : linger.leftNs(queue.size());
    }

    private void startGroup() {
        group.number = lastGroup + 1;
        group.refusal = null;
        group.outage = null;
        nowMs = clock.millis();
    }

    private boolean hasRoom() {
        return group.messages < MAX_MESSAGES && group.heldBytes < MAX_BYTES;
    }

    private int drain() throws RocksDBException {
        int work = 0;
        Object answer;
        while (hasRoom() && (answer = found.poll()) != null) {
            switch (answer) {
                case EntryLoad load -> onEntryLoad(load);
                case StateLoad load -> onStateLoad(load);
                default -> throw new AssertionError("no reader answers " + answer);
            }
            work++;
        }
        TopicEntry entry;
        while (hasRoom() && (entry = resumable.poll()) != null) {
            takeUp(entry);
            work++;
        }
        Object item;
        while (hasRoom() && (item = queue.poll()) != null) {
            inHand = item;
            accept(item);
            inHand = null;
            work++;
        }
        return work;
    }

    private void accept(Object item) throws RocksDBException {
        if (isBetweenLives && isRefusedBetweenLives(item)) {
            return;
        }
        switch (item) {
            case Append append -> acceptFor(append.topic(), append);
            case Command.Follow follow -> acceptFor(follow.topic(), follow);
            case Command.Unfollow unfollow -> {
                TopicEntry entry = life.entries.get(unfollow.topic().value());
                if (entry != null) {
                    acceptFor(entry, unfollow);
                } else {
                    drop(unfollow);
                }
            }
            case Command.Signal signal -> {
                TopicEntry entry = life.entries.get(signal.topic().value());
                if (entry != null) {
                    acceptFor(entry, signal);
                } else {
                    drop(signal);
                }
            }
            case Command.Trim trim -> acceptFor(trim.topic, trim);
            case Command.DropBatches drop -> dropBatches(drop);
            case Command.StateChange change -> changeState(change);
            case Command.Barrier<?> barrier -> group.command(barrier);
            case Command.Checkpoint checkpoint -> {
                checkpoint.take(life.store);
                group.command(checkpoint);
            }
            default -> throw new AssertionError("nobody asks for " + item);
        }
    }

    /// Lets a command be that nobody waits for.
    private void drop(Command command) {
        queue.release(queue.bytesOf(command));
    }

    // ---- topics

    private void acceptFor(TopicName topic, Object item) throws RocksDBException {
        TopicEntry entry = life.entries.get(topic.value());
        acceptFor(entry == null ? newEntry(topic) : entry, item);
    }

    private void acceptFor(TopicEntry entry, Object item) throws RocksDBException {
        entry.used = true;
        if (entry.waiting || entry.hasParked() || !entry.loaded || !apply(entry, item)) {
            entry.park(item);
            inHand = null;
            ask(entry);
        }
    }

    private TopicEntry newEntry(TopicName topic) {
        TopicEntry entry = new TopicEntry(topic);
        life.entries.put(topic.value(), entry);
        candidates.add(entry);
        letGoOfSome();
        return entry;
    }

    /// Lets go of entries that were not used of late, have nothing in flight and no listener.
    private void letGoOfSome() {
        int looks = 8;
        while (candidates.size() > options.entries() && looks-- > 0) {
            TopicEntry entry = candidates.remove();
            boolean isIdle = !entry.waiting
                    && !entry.hasParked()
                    && entry.pending == null
                    && entry.listeners.isEmpty()
                    && !entry.mayBeUnsynced
                    && entry.lastGroup <= sync.completedGroup;
            if (isIdle && !entry.used) {
                forget(entry);
            } else {
                entry.used = false;
                candidates.add(entry);
            }
        }
    }

    private void forget(TopicEntry entry) {
        life.entries.remove(entry.topic.value(), entry);
        KnownIds ids = entry.ids;
        if (ids != null) {
            idSlots -= ids.slots();
        }
    }

    /// Asks a reader for what the parked items of the topic need, unless one is at work for it already.
    private void ask(TopicEntry entry) {
        if (entry.waiting) {
            return;
        }
        EntryLoad load = new EntryLoad(life, entry);
        load.wantsRow = !entry.loaded;
        for (Object item : Objects.requireNonNull(entry.parked)) {
            switch (item) {
                case Append append
                when Repeats.hasId(append) -> {
                    load.wantsIds |= entry.ids == null;
                    load.want(append);
                }
                case Command.Trim trim when load.trimBefore == 0 -> load.trimBefore = Math.max(1, trim.before);
                default -> {
                    // Needs nothing but the row.
                }
            }
        }
        entry.waiting = true;
        entry.found = null;
        asked++;
        questions.add(() -> {
            load.run();
            found.add(load);
            wake.signal();
        });
    }

    private void onEntryLoad(EntryLoad load) throws RocksDBException {
        if (load.life != life) {
            return;
        }
        asked--;
        TopicEntry entry = load.entry;
        entry.waiting = false;
        if (load.failure != null) {
            refuseParked(entry, load.failure);
            return;
        }
        if (load.wantsRow) {
            TopicTail tail = load.tail;
            entry.id = tail.id();
            entry.next = tail.nextOffset();
            entry.first = tail.firstOffset();
            entry.lastTimestamp = tail.timestamp();
            entry.durableFirst = tail.firstOffset();
            entry.durableNext = tail.nextOffset();
            entry.loaded = true;
        }
        if (load.wantsIds) {
            entry.ids = load.ids;
            countIdSlots(load.ids, 0);
        }
        entry.found = load;
        takeUp(entry);
    }

    private void refuseParked(TopicEntry entry, Throwable failure) {
        String reason = "topic " + entry.topic + " cannot be read: " + reason(failure);
        // Those who follow it ask again and again.
        if (logLimit.permits("topic " + entry.topic)) {
            LOGGER.log(System.Logger.Level.ERROR, reason, failure);
        }
        ArrayDeque<Object> parked = entry.parked;
        Object item;
        while (parked != null && (item = parked.poll()) != null) {
            switch (item) {
                case Append append -> group.answer(append, new AppendResult.Unavailable(reason));
                case Command.Follow follow -> {
                    group.happened(entry, 0, new LogSync.Lost(follow));
                    group.holds(follow);
                }
                case Command command -> refuse(command, reason);
                default -> throw new AssertionError("nobody parks " + item);
            }
        }
        if (!entry.loaded) {
            forget(entry);
            candidates.remove(entry);
        }
    }

    private void refuse(Command command, String reason) {
        lookups.execute(() -> command.refuse(reason));
        drop(command);
    }

    /// Goes on with what was parked.
    private void takeUp(TopicEntry entry) throws RocksDBException {
        ArrayDeque<Object> parked = entry.parked;
        if (parked == null || entry.waiting) {
            return;
        }
        while (!parked.isEmpty()) {
            if (!hasRoom()) {
                resumable.add(entry);
                return;
            }
            Object item = parked.remove();
            inHand = item;
            boolean isDone = apply(entry, item);
            inHand = null;
            if (!isDone) {
                parked.addFirst(item);
                ask(entry);
                return;
            }
        }
        entry.found = null;
        entry.parked = null;
    }

    /// Does what the item asks for.
    ///
    /// @return false where a reader must be asked first
    private boolean apply(TopicEntry entry, Object item) throws RocksDBException {
        return switch (item) {
            case Append append -> append(entry, append);
            case Command.Follow follow -> {
                entry.listeners = entry.listeners.with(follow.lane(), follow.follower());
                group.happened(entry, 0, new LogSync.Listening(entry.listeners, follow));
                group.holds(follow);
                yield true;
            }
            case Command.Unfollow unfollow -> {
                Followers fewer = entry.listeners.without(unfollow.lane(), unfollow.follower());
                if (fewer != null) {
                    entry.listeners = fewer;
                    group.happened(entry, 0, new LogSync.Listening(fewer, null));
                    group.holds(unfollow);
                } else {
                    drop(unfollow);
                }
                yield true;
            }
            case Command.Signal signal -> {
                if (!entry.listeners.isEmpty()) {
                    group.happened(entry, 0, signal);
                    group.holds(signal);
                } else {
                    drop(signal);
                }
                yield true;
            }
            case Command.Trim trim -> trim(entry, trim);
            default -> throw new AssertionError("no topic is asked for " + item);
        };
    }

    /// Gives an append its place, or its refusal.
    ///
    /// @return false where a reader must be asked first
    private boolean append(TopicEntry entry, Append append) throws RocksDBException {
        boolean hasId = Repeats.hasId(append);
        if (hasId) {
            if (Repeats.givesOneIdTwice(append)) {
                group.answer(append, new AppendResult.IdConflict());
                return true;
            }
            KnownIds ids = entry.ids;
            if (ids == null) {
                return false;
            }
            if (Repeats.mayBeKnown(ids, append)) {
                EntryLoad answers = entry.found;
                @Nullable DedupRow[] known = answers == null ? null : answers.rowsOf(append);
                if (known == null) {
                    return false;
                }
                AppendResult result = Repeats.resultOf(append, known, nowMs, options.repeatsKeptMs());
                if (result != null) {
                    group.answer(append, result);
                    entry.lastGroup = group.number;
                    return true;
                }
            }
        }
        long first = entry.next;
        if (append.expectedOffset() != Append.ANY_OFFSET && append.expectedOffset() != first) {
            group.answer(append, new AppendResult.Conflict(life.epoch(), first));
            entry.lastGroup = group.number;
            return true;
        }
        int count = append.drafts().size();
        ArrayList<Append> pending = entry.pending;
        if (pending == null) {
            pending = spareLists.isEmpty() ? new ArrayList<>() : spareLists.pop();
            entry.pending = pending;
            entry.lastTimestamp = Math.max(entry.lastTimestamp, nowMs);
            entry.lastGroup = group.number;
            touched.add(entry);
            if (entry.id == 0) {
                name(entry);
            }
        }
        pending.add(append);
        entry.pendingCount += count;
        entry.next = first + count;
        group.messages += count;
        group.answer(
                append, new AppendResult.Appended(life.epoch(), first, first + count - 1, entry.lastTimestamp, false));
        if (hasId) {
            writeIds(entry, append, first);
        }
        return true;
    }

    private void name(TopicEntry entry) throws RocksDBException {
        entry.id = nextTopicId++;
        rows.key().put(NameRow.key(entry.topic.value()));
        NameRow.putValue(rows.value(NameRow.VALUE_BYTES), entry.id);
        rows.put(life.store.family("names"));
    }

    // ---- message ids

    private void writeIds(TopicEntry entry, Append append, long firstOffset) throws RocksDBException {
        int period = DedupRow.period(entry.lastTimestamp);
        addPeriod(period);
        KnownIds ids = Objects.requireNonNull(entry.ids);
        int slotsBefore = ids.slots();
        List<Draft> drafts = append.drafts();
        for (int i = 0; i < drafts.size(); i++) {
            String id = drafts.get(i).messageId();
            if (id == null) {
                continue;
            }
            long hash = Hash64.of(append.idScope(), id);
            int count = Repeats.countAt(drafts, i);
            DedupRow.putKey(rows.key(), period, entry.id, hash, firstOffset + i);
            DedupRow.putValue(
                    rows.value(DedupRow.maxBytes(append.idScope(), id)),
                    life.epoch(),
                    entry.lastTimestamp,
                    count,
                    Repeats.payloadHash(drafts, i, count),
                    append.idScope(),
                    id);
            rows.put(life.store.family("dedup"));
            ids.add(hash);
            EntryLoad answers = entry.found;
            if (answers != null) {
                answers.wrote(hash);
            }
        }
        countIdSlots(ids, slotsBefore);
    }

    private void countIdSlots(KnownIds ids, int before) {
        idSlots += ids.slots() - before;
        if (idSlots > MAX_ID_SLOTS && ids.isComplete() && ids.slots() > 1024) {
            idSlots -= ids.slots();
            ids.giveUp();
        }
    }

    private void addPeriod(int period) {
        int[] periods = life.periods;
        if (Arrays.binarySearch(periods, period) < 0) {
            int[] more = Arrays.copyOf(periods, periods.length + 1);
            more[periods.length] = period;
            Arrays.sort(more);
            life.periods = more;
        }
    }

    /// Drops the message ids that have run out, a period at a time: one row for the range, and whole files.
    ///
    /// @return whether there were any
    boolean dropOldIds() {
        if (isBetweenLives || life.failure != null || written.isFull()) {
            return false;
        }
        try {
            startGroup();
            return dropIdsBefore(nowMs - options.repeatsKeptMs());
        } catch (RocksDBException | RuntimeException | Error e) {
            fail(e);
            return true;
        }
    }

    private boolean dropIdsBefore(long timeMs) throws RocksDBException {
        int[] periods = life.periods;
        int old = 0;
        while (old < periods.length && (periods[old] + 1L) * DedupRow.PERIOD_MS <= timeMs) {
            old++;
        }
        if (old == 0) {
            return false;
        }
        byte[] from = DedupRow.key(0, 0, 0, 0);
        byte[] to = DedupRow.key(periods[old - 1] + 1, 0, 0, 0);
        rows.deleteRange(life.store.family("dedup"), from, to);
        life.periods = Arrays.copyOfRange(periods, old, periods.length);
        Life current = life;
        group.commands.add(new Command.Then(() -> lives.dropFiles(current, "dedup", from, to)));
        commit();
        return true;
    }

    // ---- trim

    private boolean trim(TopicEntry entry, Command.Trim trim) throws RocksDBException {
        long first = Math.clamp(trim.before, entry.first, entry.next);
        if (first > entry.first) {
            EntryLoad answers = entry.found;
            if (answers == null || answers.trimBefore != Math.max(1, trim.before)) {
                return false;
            }
            // Nothing was stored yet where the reader looked: the messages are of this life.
            long epoch = answers.trimmedEpoch == 0 ? life.epoch() : answers.trimmedEpoch;
            entry.first = first;
            TopicRow row = new TopicRow(first, entry.next, entry.lastTimestamp, epoch);
            rows.key().putLong(entry.id);
            row.putValue(rows.value(TopicRow.VALUE_BYTES));
            rows.put(life.store.family("meta"));
        }
        group.happened(entry, 0, new LogSync.Trimmed(trim, entry.first, entry.next));
        group.command(trim);
        return true;
    }

    private void dropBatches(Command.DropBatches drop) throws RocksDBException {
        for (long last : drop.lastOffsets()) {
            BatchRow.putKey(rows.key(), drop.topicId(), last);
            rows.delete(life.store.family("log"));
        }
        group.command(drop);
    }

    // ---- state records

    private void changeState(Command.StateChange change) throws RocksDBException {
        String name = change.partition + '\0' + change.key;
        StateSlot slot = slots.get(name);
        if (slot == null) {
            slot = new StateSlot(name);
            slots.put(name, slot);
            slotOrder.add(slot);
            letGoOfSomeSlots();
            if (!change.needsCurrent()) {
                slot.known = true;
            }
        }
        if (slot.known && slot.parked.isEmpty()) {
            changeState(slot, change);
            return;
        }
        slot.parked.add(change);
        inHand = null;
        if (slot.parked.size() == 1) {
            Life current = life;
            asked++;
            questions.add(() -> {
                StateLoad load;
                try {
                    byte[] row = current.store.get("state", StateRow.key(change.partition, change.key));
                    load = new StateLoad(current, name, row == null ? null : StateRow.of(row), null);
                } catch (RocksDBException | RuntimeException | Error e) {
                    load = new StateLoad(current, name, null, e);
                }
                found.add(load);
                wake.signal();
            });
        }
    }

    private void letGoOfSomeSlots() {
        int looks = 8;
        while (slotOrder.size() > MAX_SLOTS && looks-- > 0) {
            StateSlot slot = slotOrder.remove();
            if (slot.known && slot.lastGroup <= sync.completedGroup) {
                slots.remove(slot.name);
            } else {
                slotOrder.add(slot);
            }
        }
    }

    private void onStateLoad(StateLoad load) throws RocksDBException {
        StateSlot slot = load.life() == life ? slots.get(load.name()) : null;
        if (slot == null) {
            return;
        }
        asked--;
        if (load.failure() != null) {
            String reason = "a state record cannot be read: " + reason(load.failure());
            if (logLimit.permits("state")) {
                LOGGER.log(System.Logger.Level.ERROR, reason, load.failure());
            }
            for (Command.StateChange parked : slot.parked) {
                refuse(parked, reason);
            }
            slots.remove(slot.name);
            slotOrder.remove(slot);
            return;
        }
        StateRow row = load.row();
        if (row != null && !slot.known) {
            slot.version = row.version();
            slot.expiresAtMs = row.expiresAtMs();
        }
        slot.known = true;
        Command.StateChange change;
        while (hasRoom() && (change = slot.parked.poll()) != null) {
            inHand = change;
            changeState(slot, change);
            inHand = null;
        }
        if (!slot.parked.isEmpty()) {
            // The group is full. The next one goes on here.
            asked++;
            found.add(load);
        }
    }

    private void changeState(StateSlot slot, Command.StateChange change) throws RocksDBException {
        slot.lastGroup = group.number;
        life.stateGroup = group.number;
        group.command(change);
        boolean isThere = slot.version != 0 && (slot.expiresAtMs > nowMs || change.ofExpired);
        long current = isThere ? slot.version : 0;
        byte[] value = change.value;
        boolean holds = change.ifVersion == io.topicstream.state.StateStore.ANY_VERSION
                ? value != null || isThere
                : change.ifVersion == current && (value != null || isThere);
        if (!holds) {
            change.result = 0;
            return;
        }
        ByteBuffer key = rows.key();
        key.put(StateRow.key(change.partition, change.key));
        if (value == null) {
            rows.delete(life.store.family("state"));
            slot.version = 0;
            change.result = 1;
            return;
        }
        StateRow row = new StateRow(nextVersion++, change.expiresAtMs, value);
        row.putValue(rows.value(row.valueBytes()));
        rows.put(life.store.family("state"));
        slot.version = row.version();
        slot.expiresAtMs = row.expiresAtMs();
        change.result = row.version();
        if (nextVersion >= versionCeiling) {
            versionCeiling += Store.VERSIONS_AHEAD;
            StoreRow store = life.store.row();
            rows.key().put(StoreRow.key());
            rows.value(StoreRow.VALUE_BYTES)
                    .put(new StoreRow(store.storeId(), store.epoch(), store.durability(), false, versionCeiling)
                            .value());
            rows.put(life.store.family("meta"));
        }
    }

    // ---- the group

    private void commit() throws RocksDBException {
        for (int i = 0; i < touched.size(); i++) {
            writeBatch(touched.get(i));
        }
        touched.clear();
        if (rows.changes() > 0) {
            calls.write(life.store, rows.rows());
            rows.clear();
            group.written = true;
            lastStateGroup = life.stateGroup;
            linger.wrote(System.nanoTime());
            group.sequence = life.store.lastSequence();
        }
        ask();
        handOver();
    }

    private void writeBatch(TopicEntry entry) throws RocksDBException {
        ArrayList<Append> pending = Objects.requireNonNull(entry.pending);
        int count = entry.pendingCount;
        long epoch = life.epoch();
        BatchRow.putKey(rows.key(), entry.id, entry.next - 1);
        BatchRow.putValue(rows.value(BatchRow.maxBytes(pending)), epoch, entry.lastTimestamp, count, pending);
        rows.put(life.store.family("log"));
        group.happened(entry, entry.next, entry.listeners.isEmpty() ? null : batchOf(entry, pending, count));
        pending.clear();
        spareLists.push(pending);
        entry.pending = null;
        entry.pendingCount = 0;
    }

    private Batch batchOf(TopicEntry entry, List<Append> pending, int count) {
        long offset = entry.next - count;
        if (count == 1) {
            // The usual case takes no array.
            Append only = pending.getFirst();
            return new Batch(
                    life.epoch(), List.of(message(entry, only, only.drafts().getFirst(), offset)));
        }
        Message[] messages = new Message[count];
        int at = 0;
        for (int i = 0; i < pending.size(); i++) {
            Append append = pending.get(i);
            List<Draft> drafts = append.drafts();
            for (int k = 0; k < drafts.size(); k++) {
                messages[at++] = message(entry, append, drafts.get(k), offset++);
            }
        }
        return new Batch(life.epoch(), List.of(messages));
    }

    private static Message message(TopicEntry entry, Append append, Draft draft, long offset) {
        return new Message(
                offset,
                entry.lastTimestamp,
                append.from(),
                append.withheldFrom(),
                draft.messageId(),
                draft.key(),
                draft.payload());
    }

    private void handOver() {
        if (group.isEmpty() && !group.written) {
            return;
        }
        lastGroup = group.number;
        Group full = group;
        Group next = spare.poll();
        group = next == null ? new Group(queue) : next;
        boolean taken = written.offer(full);
        assert taken : "a turn begins only where there is room";
        // While little waits the next group would be held back anyway until this one is synced. So the writer syncs
        // it itself: handing it to a thread that sleeps, and being woken by it, costs more than that saves.
        if (queue.size() >= HOLD_BACK_BELOW || sync.doWork() == 0) {
            syncWake.signal();
        }
    }

    /// Sends the questions to the readers, now that all that they may ask about is written.
    private void ask() {
        for (int i = 0; i < questions.size(); i++) {
            lives.execute(lookups, life, questions.get(i));
        }
        questions.clear();
    }

    // ---- the end of a life

    /// The write failed, or the writer met what cannot be: the group in the making is refused, and the life ends.
    private void fail(Throwable e) {
        takesWrites = false;
        if (life.failure == null) {
            life.failure = e;
        }
        if (!group.written) {
            // Nothing of it can be seen in the store.
            life.stateGroup = lastStateGroup;
        }
        for (TopicEntry entry : touched) {
            // Answered in the group already, as if it had been written; the group says otherwise.
            entry.pending = null;
        }
        touched.clear();
        group.refusal = reason(e);
        Object item = inHand;
        inHand = null;
        if (item != null && !group.endsWith(item)) {
            refuseNow(item, new AppendResult.Unavailable(reason(e)));
        }
        if (!group.isEmpty()) {
            handOver();
        }
        if (logLimit.permits("write-failed")) {
            LOGGER.log(System.Logger.Level.ERROR, "a write failed; the store is closed and opened again", e);
        }
    }

    private void endLife() {
        isBetweenLives = true;
        takesWrites = false;
        outage = reason(Objects.requireNonNull(life.failure));
        unavailable = new AppendResult.Unavailable(outage);
        retryAtNs = System.nanoTime();
        rows.clear();
        startGroup();
        group.refusal = outage;
        group.endsLife = true;
        for (TopicEntry entry : life.entries.values()) {
            entry.listeners = Followers.NONE;
            entry.mayBeUnsynced = entry.lastGroup > life.durableGroup;
            refuseParked(entry);
        }
        for (StateSlot slot : slots.values()) {
            Command.StateChange change;
            while ((change = slot.parked.poll()) != null) {
                group.command(change);
            }
        }
        ask();
        handOver();
    }

    /// Refuses what was parked, but for those who follow or no longer do: they need no writes.
    private void refuseParked(TopicEntry entry) {
        ArrayDeque<Object> parked = entry.parked;
        for (int left = parked == null ? 0 : parked.size(); left > 0; left--) {
            Object item = Objects.requireNonNull(parked).remove();
            switch (item) {
                case Command.Follow follow when !isClosing -> parked.add(follow);
                case Command.Unfollow unfollow when !isClosing -> parked.add(unfollow);
                default -> refuseNow(item, unavailable);
            }
        }
    }

    private void refuseNow(Object item, AppendResult result) {
        switch (item) {
            case Append append -> group.answer(append, result);
            case Command.Unfollow unfollow -> drop(unfollow);
            case Command.Signal signal -> drop(signal);
            case Command command -> group.command(command);
            default -> throw new AssertionError("nobody asks for " + item);
        }
    }

    /// Refuses the item where it needs what there is not between two lives.
    private boolean isRefusedBetweenLives(Object item) {
        boolean isServed = switch (item) {
            case Command.Follow follow -> !isClosing;
            case Command.Unfollow unfollow -> !isClosing;
            case Command.Signal signal -> !isClosing;
            default -> false;
        };
        if (!isServed) {
            refuseNow(item, unavailable);
        }
        return !isServed;
    }

    private int workBetweenLives() {
        startGroup();
        group.outage = outage;
        int work = 0;
        try {
            work = drain();
            if (isClosing && !queue.isDrained()) {
                life.entries.values().forEach(this::refuseParked);
            }
            ask();
            handOver();
        } catch (RocksDBException | RuntimeException | Error e) {
            fail(e);
        }
        if (!isClosing && sync.completedGroup == lastGroup && System.nanoTime() - retryAtNs >= 0) {
            work += beginAgain() ? 1 : 0;
        }
        return work;
    }

    private boolean beginAgain() {
        retryAtNs = System.nanoTime() + RETRY_NS;
        if (!mayOpenAgain()) {
            return false;
        }
        // No question of the old life is under way past this point, and rows of it are gone.
        rows.close();
        Life before = life;
        Life next = lives.next(before);
        if (next == null) {
            outage = lives.outage();
            unavailable = new AppendResult.Unavailable(outage);
            rows = new CommitBatch(life.store.handles());
            return false;
        }
        found.clear();
        rows = new CommitBatch(next.store.handles());
        begin(next);
        if (logLimit.permits("open-again")) {
            LOGGER.log(System.Logger.Level.INFO, "the store is open again");
        }
        try {
            startGroup();
            for (TopicEntry entry : before.entries.values()) {
                tellOfTheNextLife(entry);
            }
            commit();
        } catch (RocksDBException | RuntimeException | Error e) {
            fail(e);
        }
        return true;
    }

    /// Not while the disk has no room for it: meanwhile the old store can be read. And not where its files are gone:
    /// what would be opened is another store.
    private boolean mayOpenAgain() {
        boolean isFull = life.store.isOpen() && Store.isNoSpace(Objects.requireNonNull(life.failure));
        return life.store.whatIsGone() == null && (!isFull || calls.hasRoomToReopen(life.store));
    }

    /// Who began to follow between the lives follows again, and learns by that what was written since.
    private void tellOfTheNextLife(TopicEntry entry) throws RocksDBException {
        Followers followers = entry.listeners;
        for (int i = 0; i < followers.size(); i++) {
            Command.Follow begun = new Command.Follow(
                    entry.topic, followers.lanes()[i], followers.followers()[i]);
            group.happened(entry, 0, new LogSync.Lost(begun));
        }
        ArrayDeque<Object> parked = entry.parked;
        Object item;
        while (parked != null && (item = parked.poll()) != null) {
            inHand = item;
            accept(item);
            inHand = null;
        }
    }

    // ---- the end

    /// Says that nothing more is taken in: what is left in a failed life is refused, and not waited for.
    void beginClosing() {
        isClosing = true;
    }

    /// Whether everything was answered that was taken in. To be asked when the queue is closed.
    boolean isDone() {
        return queue.isDrained()
                && sync.completedGroup == lastGroup
                && (isBetweenLives || (asked == 0 && resumable.isEmpty() && life.failure == null));
    }

    /// Ends the life in good order. Both threads have ended.
    void close() {
        rows.close();
        if (life.failure == null && life.store.isOpen()) {
            try {
                life.store.markClosed(nextVersion);
            } catch (RocksDBException e) {
                LOGGER.log(System.Logger.Level.WARNING, "the store was not marked as closed", e);
            }
        }
    }

    static String reason(@Nullable Throwable failure) {
        return switch (failure) {
            case null -> "the store is closed";
            case RocksDBException e -> Store.reason(e);
            case RejectedExecutionException e -> "the store is closing";
            case VirtualMachineError e -> "the store is out of memory or of stack: " + e;
            default -> String.valueOf(failure.getMessage());
        };
    }
}
