package io.topicstream.rocksdb;

import io.topicstream.log.LogLimit;
import io.topicstream.log.Retention;
import io.topicstream.log.TopicName;
import io.topicstream.row.BadRowException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Looks at topics for what has ended, beside the writer, and sends it what was found.
///
/// A topic is looked at when it has grown past a cap ([#ask]); when the time of its row has come ([DueRow]); and once,
/// with all others, after the rules have changed. What cannot be done now (the queue is full, somebody begins to write
/// to the topic) is done at a later tick.
///
/// Looks run on readers, one at a time, and everybody else there goes ahead of each. At most [#AT_ONCE] of a sweep
/// wait for the writer. [#tick] is called by the writer.
@SuppressWarnings("NonAtomicVolatileUpdate") // each has one writer at a time
final class RetentionLooks {
    private static final System.Logger LOGGER = System.getLogger(RetentionLooks.class.getName());
    private static final int AT_ONCE = 64;
    private static final long TICK_NS = 1_000_000_000L;

    /// A row may be written a little behind the sweep, by a turn that began before it.
    private static final long BEHIND_MS = 60_000;

    /// So many sweeps in which nothing is looked for that is behind.
    private static final int FROM_THE_FRONT = 600;

    /// When so much of a topic has ended at once, its room is given back at once.
    private static final long MUCH_BYTES = 8 << 20;

    /// When so much of many topics has ended, all tables are written anew: for each byte that ended as many at most.
    private static final int WRITTEN_ANEW = 8;

    private static final byte[] LAST_NAME = {(byte) 0xFF};

    private final Lives lives;
    private final Executor readers;
    private final Predicate<Command> submit;
    private final InstantSource clock;
    private final Retentions retentions;
    private final LogLimit logLimit;
    private final ConcurrentLinkedQueue<Asked> again = new ConcurrentLinkedQueue<>();

    /// How many sweeps have come to their end, for tests. One is under way at a time.
    private volatile long sweeps;

    /// Of the life that is running. Replaced by the writer.
    private volatile @Nullable Round round;

    private record Asked(Life life, TopicEntry entry) {}

    RetentionLooks(
            Lives lives,
            Executor readers,
            Predicate<Command> submit,
            InstantSource clock,
            Retentions retentions,
            LogLimit logLimit) {
        this.lives = lives;
        this.readers = readers;
        this.submit = submit;
        this.clock = clock;
        this.retentions = retentions;
        this.logLimit = logLimit;
    }

    /// Begins a sweep where none is under way, and asks again what could not be asked.
    void tick() {
        Life life = lives.current();
        if (!retentions.isOn() || life.failure != null) {
            return;
        }
        for (int waiting = again.size(); waiting > 0; waiting--) {
            Asked asked = again.poll();
            if (asked != null && asked.life() == life) {
                ask(life, asked.entry());
            }
        }
        Round now = round;
        if (now == null || now.life != life) {
            now = new Round(life);
            round = now;
        }
        now.begin();
    }

    long sweeps() {
        return sweeps;
    }

    /// Looks at a topic that may have too much.
    void ask(Life life, TopicEntry entry) {
        Task task =
                new Task(entry.topic.value(), entry.id, 0, 0, entry, () -> {}, () -> again.add(new Asked(life, entry)));
        lives.execute(readers, life, () -> look(life, task));
    }

    /// A topic to be looked at.
    ///
    /// @param dueAtMs the time of the row that says so; 0 where none does
    /// @param endedBytes what has ended of it already
    /// @param asked the entry whose topic may have too much; null where all is looked for
    /// @param done run when all that has ended is deleted
    /// @param left run where it is not
    private record Task(
            String name,
            long topicId,
            long dueAtMs,
            long endedBytes,
            @Nullable TopicEntry asked,
            Runnable done,
            Runnable left) {
        Task withEnded(long bytes) {
            return new Task(name, topicId, dueAtMs, bytes, asked, done, left);
        }
    }

    /// Runs on a reader.
    private void look(Life life, Task task) {
        Command.Retain retain = null;
        try {
            Retention keep = retentions.of(new TopicName(task.name()));
            retain = new Command.Retain(
                    task.name(),
                    task.topicId(),
                    keep,
                    task.dueAtMs(),
                    task.asked() != null,
                    found -> onDone(life, task, found),
                    () -> task.left().run());
            if (find(life, task, retain)) {
                if (submit.test(retain)) {
                    return;
                }
            }
        } catch (RocksDBException | BadRowException | IllegalArgumentException e) {
            if (logLimit.permits("retention of " + task.name())) {
                LOGGER.log(
                        System.Logger.Level.ERROR, "topic " + task.name() + " cannot be looked at for what is old", e);
            }
        }
        if (retain != null) {
            life.looked.remove(task.name(), retain);
        }
        task.left().run();
    }

    /// Fills in what is found.
    ///
    /// @return false where the topic cannot be looked at now
    private boolean find(Life life, Task task, Command.Retain retain) throws RocksDBException {
        TopicEntry entry = life.entries.get(task.name());
        if (entry == null) {
            // Who makes an entry from now on takes it out again.
            life.looked.put(task.name(), retain);
            entry = life.entries.get(task.name());
        }
        long first;
        long next;
        if (entry != null) {
            if (!entry.loaded) {
                return false;
            }
            first = entry.firstToSee();
            next = entry.durableNext;
        } else {
            TopicTail tail = TopicTail.read(life.store, task.topicId());
            retain.cold = tail;
            first = tail.firstOffset();
            next = tail.nextOffset();
        }
        if (task.dueAtMs() == 0 || retain.keep.hasAge()) {
            boolean isOfWalk = task.dueAtMs() == 0 && task.asked() == null;
            retain.cut = RetentionCut.of(
                    life,
                    new RetentionCut.Look(
                            task.topicId(),
                            isOfWalk ? 0 : Math.min(first, next),
                            Math.min(first, next),
                            next,
                            retain.keep,
                            clock.millis()));
        }
        return true;
    }

    /// Runs where completions do.
    private void onDone(Life life, Task task, Command.Retain retain) {
        RetentionCut cut = retain.cut;
        if (cut == null || task.asked() != null) {
            // A topic that grows has its rows compacted as it does.
            task.done().run();
            return;
        }
        Task ended = task.withEnded(task.endedBytes() + cut.endedBytes());
        if (cut.isMore()) {
            lives.execute(readers, life, () -> look(life, ended));
            return;
        }
        task.done().run();
        if (ended.endedBytes() >= MUCH_BYTES) {
            byte[] from = BatchRow.key(task.topicId(), 0);
            byte[] to = BatchRow.key(task.topicId(), cut.first());
            lives.execute(readers, life, () -> lives.freeRoom(life, "log", from, to));
        } else {
            Round now = round;
            if (now != null && now.life == life) {
                now.ended(ended.topicId(), ended.endedBytes());
            }
        }
    }

    private void cannot(Exception e) {
        if (logLimit.permits("retention")) {
            LOGGER.log(System.Logger.Level.ERROR, "the store cannot be looked through for what is old", e);
        }
    }

    /// The sweeps of a life: over the rows whose time has come, and over all topics where the rules have changed.
    ///
    /// One is under way at a time. Its fields are of the thread that goes on with it.
    private final class Round {
        private final Life life;
        private final AtomicBoolean isUnderWay = new AtomicBoolean();

        /// No row is due before it.
        private long sweptToMs = 1;

        private long lastMs;
        private long sweptAtNs;
        /// What has ended of topics that had little each, and whose room was not given back. Guarded by this.
        private long endedBytes;

        private long firstEnded = Long.MAX_VALUE;
        private long lastEnded;
        private boolean isFreeing;

        private boolean isLookedAtAll;
        private String lookedAfter = "";
        private @Nullable String leftAfter;

        Round(Life life) {
            this.life = life;
            this.isLookedAtAll = life.store.retention().rules() == retentions.fingerprint();
        }

        void begin() {
            if (isUnderWay.compareAndSet(false, true)) {
                lives.execute(readers, life, this::sweep);
            }
        }

        private void end() {
            isUnderWay.set(false);
        }

        synchronized void ended(long topicId, long bytes) {
            if (bytes > 0) {
                endedBytes += bytes;
                firstEnded = Math.min(firstEnded, topicId);
                lastEnded = Math.max(lastEnded, topicId);
            }
        }

        /// Gives back the room of many topics that had little each.
        private synchronized void freeRoom() {
            if (endedBytes < MUCH_BYTES || isFreeing) {
                return;
            }
            isFreeing = true;
            long bytes = endedBytes;
            byte[] from = BatchRow.key(firstEnded, 0);
            byte[] to = BatchRow.key(lastEnded + 1, 0);
            lives.execute(
                    readers, life, () -> freed(bytes, lives.compact(life, "log", from, to, bytes * WRITTEN_ANEW)));
        }

        private synchronized void freed(long bytes, boolean isFreed) {
            isFreeing = false;
            if (isFreed) {
                endedBytes -= bytes;
                if (endedBytes == 0) {
                    firstEnded = Long.MAX_VALUE;
                    lastEnded = 0;
                }
            }
        }

        private void sweep() {
            sweptAtNs = System.nanoTime();
            long nowMs = clock.millis();
            if (nowMs < lastMs || sweeps % FROM_THE_FRONT == 0) {
                // The clock was set back, and what was behind may be ahead; or it jumped while a turn was under way.
                sweptToMs = 1;
            }
            lastMs = nowMs;
            sweep(new Sweep(nowMs), DueRow.key(sweptToMs, 0));
        }

        private static final class Sweep {
            final long nowMs;
            /// The time of the first row that could not be done.
            volatile long leftMs = Long.MAX_VALUE;

            Sweep(long nowMs) {
                this.nowMs = nowMs;
            }
        }

        private void sweep(Sweep sweep, byte[] from) {
            List<DueRow> due = new ArrayList<>();
            byte[] last = from;
            try (Cursor rows = life.store.cursor("due", from, DueRow.key(sweep.nowMs + 1, 0))) {
                for (boolean at = rows.first(); at && due.size() < AT_ONCE; at = rows.next()) {
                    last = rows.key();
                    due.add(DueRow.of(last, rows.value()));
                }
            } catch (RocksDBException | BadRowException e) {
                cannot(e);
                end();
                return;
            }
            if (due.isEmpty()) {
                sweeps = sweeps + 1;
                sweptToMs = Math.max(1, Math.min(sweep.leftMs, sweep.nowMs - BEHIND_MS));
                freeRoom();
                goOn();
                return;
            }
            byte[] after = Arrays.copyOf(last, last.length + 1);
            Page page = new Page(due.size(), () -> sweep(sweep, after));
            for (DueRow row : due) {
                Task task = new Task(row.name(), row.topicId(), row.atMs(), 0, null, page::oneDone, () -> {
                    sweep.leftMs = Math.min(sweep.leftMs, row.atMs());
                    page.oneDone();
                });
                lives.execute(readers, life, () -> look(life, task));
            }
        }

        /// Goes on with the walk over all topics, as long as there is one and no sweep is due.
        private void goOn() {
            if (isLookedAtAll) {
                end();
            } else if (System.nanoTime() - sweptAtNs >= TICK_NS) {
                sweep();
            } else {
                walk();
            }
        }

        private void walk() {
            List<Task> tasks = new ArrayList<>();
            String from = lookedAfter;
            Page[] page = new Page[1];
            try (Cursor names = life.store.cursor("names", NameRow.key(from + '\0'), LAST_NAME)) {
                for (boolean at = names.first(); at && tasks.size() < AT_ONCE; at = names.next()) {
                    String name = NameRow.name(names.key());
                    tasks.add(
                            new Task(name, NameRow.topicId(names.value()), 0, 0, null, () -> page[0].oneDone(), () -> {
                                leftAfter = from;
                                page[0].oneDone();
                            }));
                    lookedAfter = name;
                }
            } catch (RocksDBException | BadRowException e) {
                cannot(e);
                end();
                return;
            }
            if (tasks.isEmpty()) {
                endWalk();
                return;
            }
            page[0] = new Page(tasks.size(), this::goOn);
            tasks.forEach(task -> lives.execute(readers, life, () -> look(life, task)));
        }

        private void endWalk() {
            String left = leftAfter;
            if (left != null) {
                leftAfter = null;
                lookedAfter = left;
            } else {
                RetentionRow row = new RetentionRow(life.store.retention().isMadeWith(), retentions.fingerprint());
                isLookedAtAll = submit.test(new Command.LookedAtAll(row));
            }
            end();
        }

        /// Some looks, and what comes when all of them are done.
        private final class Page {
            private final AtomicInteger left;
            private final Runnable then;

            Page(int count, Runnable then) {
                this.left = new AtomicInteger(count);
                this.then = then;
            }

            void oneDone() {
                if (left.decrementAndGet() == 0) {
                    lives.execute(readers, life, then);
                }
            }
        }
    }
}
