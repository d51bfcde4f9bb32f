package io.topicstream.rocksdb;

import io.topicstream.log.Admission;
import io.topicstream.log.Append;
import io.topicstream.log.BackupProgress;
import io.topicstream.log.Direction;
import io.topicstream.log.Durability;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.HandOver;
import io.topicstream.log.Lane;
import io.topicstream.log.LogFigures;
import io.topicstream.log.LogLimit;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Page;
import io.topicstream.log.Redaction;
import io.topicstream.log.Reference;
import io.topicstream.log.StoreReport;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// The log of one process, and its feed and its state records, in one directory.
///
/// An append goes into a bounded queue ([SubmitQueue]); the writer gives it its offset and writes a group of them
/// ([LogWriter]), makes the group durable and answers ([LogSync]), or leaves that to the sync thread where much
/// waits. Reads run on a few threads of their own ([LogReader]). Nobody waits for anybody: all hand work
/// forward, and only answers go out.
///
/// A failed write or sync does not end it: everything unanswered is answered with `Unavailable`, and the store is
/// closed and opened again behind the same object. An `Error` that ends one of its two threads does end it:
/// what was taken in is answered, everything else is refused, and the error goes to the thread's handler.
///
/// What clients can ask much of (pages, lists, scans) runs on the readers. A thread of its own serves what
/// must not wait behind that: what the writer wants to know, completions, and single records.
///
/// All methods may be called on any thread, except that [#close] is not for a thread of the engine's (a lane
/// without a thread of its own).
public final class RocksLog implements TopicLog, TopicFeed, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(RocksLog.class.getName());
    private static final String CHECKPOINT = "checkpoint";
    private static final int GROUPS_IN_FLIGHT = 64;
    private static final long HOLD_NS = 500_000L;
    private static final long TICK_NS = 1_000_000_000L;
    private static final int TICKS_PER_SWEEP = 30;

    /// How long [#close] waits for something to move before it gives up: less than what a stopping process has.
    private static final long STILL_NS = 5_000_000_000L;

    private static final long STEP_MS = 100;

    private final Path directory;
    private final RocksOptions options;
    private final NativeHandles handles = new NativeHandles();
    private final Lives lives;
    private final SubmitQueue queue;
    private final LongAdder acceptedMessages = new LongAdder();
    private final Wake writerWake = new Wake();

    /// On which the writer waits while it holds back. Appends do not signal it: they would wake the writer for
    /// nothing.
    private final Wake holdWake = new Wake();

    private final Wake syncWake = new Wake();
    private final LogWriter writer;
    private final LogSync sync;
    private final ThreadPoolExecutor readers;
    private final ThreadPoolExecutor lookups;
    private final Executor lists;
    private final RocksStateStore state;
    private final LeftByTrims leftByTrims;
    private final RetentionWriter retention;
    private final LogLimit logLimit;
    private final Pulse writerPulse = new Pulse();
    private final Pulse syncPulse = new Pulse();
    private final Thread writerThread;
    private final Thread syncThread;
    private volatile boolean isClosing;
    private volatile boolean isWriterDone;
    private boolean isClosed;

    /// Opens the store in the directory, and makes it where there is none.
    ///
    /// @throws StoreException with one plain sentence, where it cannot be opened: damaged, in use, of another
    ///     version, not permitted, not a directory
    public static RocksLog open(Path directory, RocksOptions options) throws StoreException {
        return open(directory, options, StoreCalls.DIRECT, false);
    }

    /// Opens it with the disk's two calls replaced, and if wanted in a new epoch, as after a restore.
    static RocksLog open(Path directory, RocksOptions options, StoreCalls calls, boolean newEpoch)
            throws StoreException {
        RocksLog log = new RocksLog(directory, options, calls, newEpoch);
        log.start();
        return log;
    }

    private RocksLog(Path directory, RocksOptions options, StoreCalls calls, boolean newEpoch) throws StoreException {
        this.directory = directory;
        this.options = options;
        lives = new Lives(directory, options, handles, newEpoch);
        clearCheckpoints();
        queue = new SubmitQueue(options.queue().softBytes(), options.queue().hardBytes());
        readers = threads("topicstream-log-reader", options.readerThreads());
        lookups = threads("topicstream-log-lookup", 1);
        lists = new OneAtATime(readers);
        logLimit = new LogLimit(InstantSource.system());
        Ring<Group> written = new Ring<>(GROUPS_IN_FLIGHT);
        Ring<Group> spare = new Ring<>(2 * GROUPS_IN_FLIGHT);
        sync = new LogSync(written, spare, queue, options.durability(), calls, writerWake, holdWake, lookups, logLimit);
        Turn turn = new Turn(queue, spare, sync, lives, lookups, writerWake, options.clock());
        retention = RetentionWriter.of(options, lives, new OneAtATime(readers), this::isTaken, logLimit);
        writer = new LogWriter(options, queue, written, sync, syncWake, calls, lives, turn, retention, logLimit);
        state = new RocksStateStore(lives, lookups, lists, options.clock(), this::isTaken);
        leftByTrims = new LeftByTrims(lives, readers, this::isTaken);
        writerThread = new Thread(this::runWriter, "topicstream-log-writer");
        syncThread = new Thread(this::runSync, "topicstream-log-sync");
    }

    /// What a backup was copied from when a process ended.
    private void clearCheckpoints() {
        try {
            BackupFiles.deleteIn(directory.resolve(CHECKPOINT));
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.WARNING, "what a backup left behind is not deleted", e);
        }
    }

    private static ThreadPoolExecutor threads(String name, int count) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(count, count, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, name);
                    thread.setDaemon(true);
                    return thread;
                });
        // Now, and not when the machine may have no thread left to give.
        pool.prestartAllCoreThreads();
        return pool;
    }

    private void start() {
        writerThread.setDaemon(true);
        syncThread.setDaemon(true);
        syncThread.start();
        writerThread.start();
        leftByTrims.tick();
        retention.tick();
    }

    // ---- the threads

    private void runWriter() {
        try {
            writeUntilClosed();
        } catch (RuntimeException | Error e) {
            runDown(e);
            throw e;
        } finally {
            isWriterDone = true;
            syncWake.signal();
        }
    }

    private void writeUntilClosed() {
        // Made once: each would be an object a turn.
        BooleanSupplier hasWork = writer::hasWork;
        BooleanSupplier goesOn = () -> !writer.holdsBack();
        long tickAtNs = System.nanoTime() + TICK_NS;
        int ticks = 0;
        while (true) {
            long lingerNs = writer.holdsBack() ? 0 : writer.lingerNs();
            if (lingerNs > 0) {
                LockSupport.parkNanos(this, lingerNs);
                continue;
            }
            int work = writer.doWork();
            if (isClosing) {
                writer.beginClosing();
                if (writer.isDone()) {
                    return;
                }
            }
            if (work == 0 && writer.holdsBack()) {
                holdWake.await(goesOn, HOLD_NS);
            } else if (work == 0) {
                writerWake.await(hasWork, isClosing ? 1_000_000 : writer.idleNs());
            }
            long nowNs = System.nanoTime();
            writerPulse.beat(nowNs);
            if (nowNs - tickAtNs >= 0) {
                tickAtNs = nowNs + TICK_NS;
                writer.dropOldIds();
                if (!isClosing) {
                    tick(++ticks);
                }
            }
        }
    }

    private void tick(int number) {
        lives.checkFiles(lookups);
        leftByTrims.tick();
        retention.tick();
        if (number % TICKS_PER_SWEEP == 0) {
            state.sweep();
        }
    }

    /// The writer cannot go on. Takes nothing more in, and answers what was, as far as that can be done.
    private void runDown(Throwable e) {
        try {
            isClosing = true;
            queue.close();
            writer.beginClosing();
            Life life = lives.current();
            if (life.failure == null) {
                life.failure = e;
            }
            long giveUpAtNs = System.nanoTime() + STILL_NS;
            while (!writer.isDone() && System.nanoTime() - giveUpAtNs < 0) {
                if (writer.doWork() == 0) {
                    writerWake.await(writer::hasWork, 1_000_000);
                }
            }
        } catch (RuntimeException | Error again) {
            e.addSuppressed(again);
        }
    }

    private void runSync() {
        BooleanSupplier hasWork = () -> sync.hasWork() || isWriterDone;
        while (true) {
            syncPulse.beat(System.nanoTime());
            if (doRound() == 0) {
                if (isWriterDone) {
                    return;
                }
                syncWake.await(hasWork, TICK_NS);
            }
        }
    }

    private Admission submit(Command command) {
        Admission admission = queue.command(command);
        if (admission != Admission.REFUSED) {
            writerWake.signal();
        }
        return admission;
    }

    /// What goes wrong in a round ends the life, which the writer sees; the next round refuses what this one left.
    private int doRound() {
        try {
            return sync.doWork();
        } catch (RuntimeException | Error e) {
            if (logLimit.permits("round")) {
                LOGGER.log(System.Logger.Level.ERROR, "a round of the log failed", e);
            }
            return 0;
        }
    }

    private boolean isTaken(Command command) {
        return submit(command) != Admission.REFUSED;
    }

    // ---- the log

    @Override
    public Admission append(Append append) {
        Admission admission = queue.append(append);
        if (admission != Admission.REFUSED) {
            acceptedMessages.add(append.drafts().size());
            writerWake.signal();
        }
        return admission;
    }

    @Override
    public LogFigures figures() {
        long nowNs = System.nanoTime();
        return new LogFigures(
                acceptedMessages.sum(),
                sync.messagesTold,
                queue.heldBytes(),
                writer.takesWrites && !isClosing && lives.current().failure == null,
                TimeUnit.NANOSECONDS.toMillis(Math.max(writerPulse.stillNs(nowNs), syncPulse.stillNs(nowNs))),
                retention.trimmed());
    }

    @Override
    public CompletionStage<Page> read(TopicName topic, long from, Direction direction, int maxMessages, int maxBytes) {
        if (isClosing) {
            return closed();
        }
        return lives.read(
                readers, "topic " + topic, life -> LogReader.read(life, topic, from, direction, maxMessages, maxBytes));
    }

    @Override
    public CompletionStage<Long> offsetAt(TopicName topic, long timestamp) {
        if (isClosing) {
            return closed();
        }
        return lives.read(readers, "topic " + topic, life -> LogReader.offsetAt(life, topic, timestamp));
    }

    @Override
    public CompletionStage<List<Reference>> references(TopicName topic, long from, long to, int most) {
        if (isClosing) {
            return closed();
        }
        return lives.read(readers, "topic " + topic, life -> LogReader.references(life, topic, from, to, most));
    }

    @Override
    public CompletionStage<Long> lastOffsetIn(TopicName topic, long epoch) {
        if (isClosing) {
            return closed();
        }
        return lives.read(readers, "topic " + topic, life -> LogReader.lastOffsetIn(life, topic, epoch));
    }

    @Override
    public CompletionStage<Extent> extent(TopicName topic) {
        if (isClosing) {
            return closed();
        }
        Extent held = LogReader.heldExtent(lives.current(), topic);
        return held != null
                ? CompletableFuture.completedFuture(held)
                : lives.read(lookups, "topic " + topic, life -> LogReader.extent(life, topic));
    }

    @Override
    public CompletionStage<Extent> trim(TopicName topic, long before) {
        Command.Trim trim = new Command.Trim(topic, before);
        if (!isTaken(trim)) {
            trim.refuse("the store is closed, or too much is waiting");
        }
        return trim.answer.thenApply(extent -> {
            leftByTrims.drop(topic, extent.firstOffset());
            return extent;
        });
    }

    @Override
    public CompletionStage<List<Long>> redact(TopicName topic, Redaction redaction) {
        Command.Redact redact = new Command.Redact(topic, redaction);
        if (!isTaken(redact)) {
            redact.refuse("the store is closed, or too much is waiting");
        }
        return redact.answer;
    }

    /// Has the store let go of what was deleted and what was overwritten: afterwards no file of it has any of
    /// that. Rewrites all tables, which takes its time and about as much room again as the largest family.
    /// Waits for it, on the calling thread.
    ///
    /// @throws LogUnavailableException where it cannot be done now
    public void compact() {
        lives.readNow("the store", life -> {
            requireRoomToFlush(life.store);
            life.store.compact();
            return true;
        });
    }

    @Override
    public CompletionStage<List<TopicExtent>> topics(String prefix, String after, int limit) {
        if (isClosing) {
            return closed();
        }
        return lives.walk(lists, "the list of topics", new LogReader.TopicList(prefix, after, limit));
    }

    @Override
    public Durability durability() {
        return options.durability();
    }

    private static <T> CompletionStage<T> closed() {
        return CompletableFuture.failedFuture(new LogUnavailableException("the store is closed"));
    }

    // ---- the feed

    @Override
    public void follow(TopicName topic, Lane lane, Follower follower) {
        if (!isTaken(new Command.Follow(topic, lane, follower))) {
            // Not out of the call itself: who is told may follow again at once.
            lookups.execute(() -> {
                HandOver lost = new HandOver();
                lost.lost(follower);
                lane.enqueue(lost);
            });
        }
    }

    @Override
    public void unfollow(TopicName topic, Lane lane, Follower follower) {
        submit(new Command.Unfollow(topic, lane, follower));
    }

    @Override
    public Admission signal(TopicName topic, byte[] signal) {
        return submit(new Command.Signal(topic, signal));
    }

    // ---- the state

    /// The state records in the same directory; closed with the log.
    public StateStore state() {
        return state;
    }

    // ---- backups

    /// The life of the log that is running.
    long epoch() {
        return lives.current().epoch();
    }

    /// Makes a backup: everything that was acknowledged when it was asked for. The log goes on meanwhile;
    /// only linking files takes the writer's time. Waits for the backup, on the calling thread, which may be
    /// interrupted.
    ///
    /// @param target where the backup will be; must not be there
    /// @throws StoreException with one plain sentence, where it could not be made; then nothing is there
    public StoreReport backUp(Path target, BackupProgress progress) throws StoreException {
        Path backup = target.toAbsolutePath().normalize();
        Backup.requireAbsent(backup);
        Path checkpoint =
                directory.resolve(CHECKPOINT).resolve(UUID.randomUUID().toString());
        try {
            Instant takenAt = options.clock().instant();
            StoreRow row = lives.readNow("the store", life -> {
                requireRoomToFlush(life.store);
                // Most of the work, so that little is left for the writer to wait for.
                life.store.flush();
                return life.store.row();
            });
            long sequence = checkpoint(checkpoint);
            return Backup.write(checkpoint, backup, row, sequence, takenAt, progress);
        } catch (LogUnavailableException e) {
            throw new StoreException("no backup was made: " + e.getMessage(), e);
        } catch (IOException e) {
            throw Backup.failed("no backup was made in " + backup, e);
        } finally {
            try {
                BackupFiles.delete(checkpoint);
            } catch (IOException e) {
                LOGGER.log(System.Logger.Level.WARNING, "what was copied from is left until the next start", e);
            }
        }
    }

    /// Has the writer make a checkpoint between two groups.
    ///
    /// @return the last change in it
    private long checkpoint(Path path) throws StoreException {
        Command.Checkpoint command = new Command.Checkpoint(path);
        if (!isTaken(command)) {
            command.refuse("the store is closed, or too much is waiting");
        }
        try {
            return command.answer.get();
        } catch (ExecutionException e) {
            throw new StoreException("no backup was made: " + Life.reason(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("no backup was made: it was interrupted", e);
        }
    }

    private static void requireRoomToFlush(Store store) {
        if (!store.hasRoomToReopen()) {
            throw new LogUnavailableException("there is not enough room in the data directory to begin one");
        }
    }

    // ---- for tests

    int openHandles() {
        return handles.open();
    }

    long sweeps() {
        return retention.sweeps();
    }

    int entries() {
        return lives.current().entries.size();
    }

    LogSync sync() {
        return sync;
    }

    Life life() {
        return lives.current();
    }

    interface Held {
        void hold() throws InterruptedException;
    }

    /// Keeps a reader busy.
    CompletableFuture<Boolean> onAReader(Held held) {
        return lives.read(readers, "a test", life -> {
            try {
                held.hold();
                return true;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /// Whether topics of which the rules say nothing keep everything, because the store was made before there was
    /// retention.
    public boolean keepsAllByDefault() {
        return retention.keepsAllByDefault();
    }

    /// How many rows a family has, by walking through it.
    CompletableFuture<Integer> countRows(String family) {
        return lives.read(readers, "the family " + family, life -> life.store.countRows(family));
    }

    /// Takes no more, answers everything that was taken, and closes the store. Waits for that as long as something
    /// moves. Where a disk answers no more, it gives up and leaves the store as a crash would.
    @Override
    public void close() {
        close(STILL_NS);
    }

    /// @param stillNs how long nothing may move
    synchronized void close(long stillNs) {
        if (isClosed) {
            return;
        }
        isClosed = true;
        isClosing = true;
        queue.close();
        writerWake.signal();
        CountDownLatch lookedUp = new CountDownLatch(1);
        boolean hasEnded = waited(stillNs, writerThread::isAlive, () -> writerThread.join(STEP_MS))
                && waited(stillNs, syncThread::isAlive, () -> syncThread.join(STEP_MS));
        readers.shutdown();
        lookups.execute(lookedUp::countDown);
        hasEnded = hasEnded
                && waited(
                        stillNs,
                        () -> !readers.isTerminated(),
                        () -> readers.awaitTermination(STEP_MS, TimeUnit.MILLISECONDS))
                && waited(stillNs, () -> lookedUp.getCount() > 0, () -> lookedUp.await(STEP_MS, TimeUnit.MILLISECONDS));
        // Who still asks is answered there; the thread ends when nobody does.
        lookups.setKeepAliveTime(1, TimeUnit.SECONDS);
        lookups.allowCoreThreadTimeOut(true);
        if (hasEnded) {
            writer.close();
            lives.close();
        } else {
            LOGGER.log(System.Logger.Level.ERROR, "the store did not come to its end, and is left as it is");
        }
    }

    private interface Step {
        void take() throws InterruptedException;
    }

    /// Waits while something moves.
    ///
    /// @return false where nothing did for too long
    private boolean waited(long stillNs, BooleanSupplier isLeft, Step step) {
        boolean isInterrupted = false;
        long moved = moves();
        long giveUpAtNs = System.nanoTime() + stillNs;
        while (isLeft.getAsBoolean() && System.nanoTime() - giveUpAtNs < 0) {
            try {
                step.take();
            } catch (InterruptedException e) {
                isInterrupted = true;
            }
            if (moves() != moved) {
                moved = moves();
                giveUpAtNs = System.nanoTime() + stillNs;
            }
        }
        if (isInterrupted) {
            Thread.currentThread().interrupt();
        }
        return !isLeft.getAsBoolean();
    }

    /// Changes whenever something that waits was done.
    private long moves() {
        return sync.completedGroup + readers.getCompletedTaskCount() + lookups.getCompletedTaskCount();
    }
}
