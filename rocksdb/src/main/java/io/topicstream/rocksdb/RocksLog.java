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
import io.topicstream.log.LogUnavailableException;
import io.topicstream.log.Page;
import io.topicstream.log.StoreReport;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.state.StateStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// The log of one process, and its feed and its state records, in one directory.
///
/// An append goes into a bounded queue ([SubmitQueue]); the writer gives it its offset and writes a group of them
/// ([LogWriter]), makes the group durable and answers ([LogSync]), or leaves that to the sync thread where much
/// waits. Reads run on a few threads of their own ([LogReader]). Nobody waits for anybody: all hand work forward, and
/// only answers go out.
///
/// A failed write or sync does not end it: everything unanswered is answered with `Unavailable`, and the store is
/// closed and opened again behind the same object.
///
/// All methods may be called on any thread, except that [#close] is not for a thread of the engine's (a lane
/// without a thread of its own).
public final class RocksLog implements TopicLog, TopicFeed, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(RocksLog.class.getName());
    private static final String CHECKPOINT = "checkpoint";
    private static final int GROUPS_IN_FLIGHT = 64;
    private static final int DROP_AT_ONCE = 256;
    private static final long HOLD_NS = 500_000L;
    private static final long TICK_NS = 1_000_000_000L;
    private static final int TICKS_PER_SWEEP = 30;

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
    private final RocksStateStore state;
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
        queue = new SubmitQueue(options.queueSoftBytes(), options.queueHardBytes());
        readers = readers(options.readerThreads());
        Ring<Group> written = new Ring<>(GROUPS_IN_FLIGHT);
        Ring<Group> spare = new Ring<>(2 * GROUPS_IN_FLIGHT);
        sync = new LogSync(written, spare, queue, options.durability(), calls, writerWake, holdWake, readers);
        writer = new LogWriter(
                options, queue, written, spare, sync, syncWake, calls, readers, writerWake, lives, lives.current());
        state = new RocksStateStore(lives, readers, sync, options.clock(), this::submit);
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

    private static ThreadPoolExecutor readers(int threads) {
        ThreadPoolExecutor pool =
                new ThreadPoolExecutor(threads, threads, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "topicstream-log-reader");
                    thread.setDaemon(true);
                    return thread;
                });
        pool.allowCoreThreadTimeOut(true);
        return pool;
    }

    private void start() {
        writerThread.setDaemon(true);
        syncThread.setDaemon(true);
        syncThread.start();
        writerThread.start();
        dropNextTrimmed(0);
    }

    // ---- the threads

    private void runWriter() {
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
                    break;
                }
            }
            if (work == 0 && writer.holdsBack()) {
                holdWake.await(goesOn, HOLD_NS);
            } else if (work == 0) {
                writerWake.await(hasWork, isClosing ? 1_000_000 : writer.idleNs());
            }
            if (System.nanoTime() - tickAtNs >= 0) {
                tickAtNs = System.nanoTime() + TICK_NS;
                writer.dropOldIds();
                if (++ticks % TICKS_PER_SWEEP == 0 && !isClosing) {
                    state.sweep();
                }
            }
        }
        isWriterDone = true;
        syncWake.signal();
    }

    private void runSync() {
        BooleanSupplier hasWork = () -> sync.hasWork() || isWriterDone;
        while (true) {
            if (sync.doWork() == 0) {
                if (isWriterDone) {
                    return;
                }
                syncWake.await(hasWork, TICK_NS);
            }
        }
    }

    private boolean submit(Command command) {
        boolean taken = queue.command(command);
        if (taken) {
            writerWake.signal();
        }
        return taken;
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
        return new LogFigures(acceptedMessages.sum(), sync.messagesTold, queue.heldBytes());
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
                : lives.read(readers, "topic " + topic, life -> LogReader.extent(life, topic));
    }

    @Override
    public CompletionStage<Extent> trim(TopicName topic, long before) {
        Command.Trim trim = new Command.Trim(topic, before);
        if (!submit(trim)) {
            trim.refuse("the store is closed, or too much is waiting");
        }
        return trim.answer.thenApply(extent -> {
            lives.execute(readers, lives.current(), () -> dropTrimmed(lives.current(), topic, extent.firstOffset()));
            return extent;
        });
    }

    @Override
    public CompletionStage<List<TopicExtent>> topics(String prefix, String after, int limit) {
        if (isClosing) {
            return closed();
        }
        return lives.read(readers, "the list of topics", life -> LogReader.topics(life, prefix, after, limit));
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
        if (!submit(new Command.Follow(topic, lane, follower))) {
            HandOver lost = new HandOver();
            lost.lost(follower);
            lane.enqueue(lost);
        }
    }

    @Override
    public void unfollow(TopicName topic, Lane lane, Follower follower) {
        submit(new Command.Unfollow(topic, lane, follower));
    }

    @Override
    public Admission signal(TopicName topic, byte[] signal) {
        return submit(new Command.Signal(topic, signal)) ? Admission.ACCEPTED : Admission.REFUSED;
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

    /// Makes a backup: everything that was acknowledged when it was asked for. The log goes on meanwhile; only linking
    /// files takes the writer's time. Waits for the backup, on the calling thread, which may be interrupted.
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
        if (!submit(command)) {
            command.refuse("the store is closed, or too much is waiting");
        }
        try {
            return command.answer.get();
        } catch (ExecutionException e) {
            throw new StoreException("no backup was made: " + LogWriter.reason(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreException("no backup was made: it was interrupted", e);
        }
    }

    private static void requireRoomToFlush(Store store) {
        try {
            if (store.usableBytes() < store.bytesToReopen()) {
                throw new LogUnavailableException("there is not enough room in the data directory to begin one");
            }
        } catch (IOException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the free space is unknown; trying", e);
        }
    }

    // ---- what trims left behind

    private void dropTrimmed(Life life, TopicName topic, long before) {
        TopicEntry entry = life.entries.get(topic.value());
        if (entry != null && entry.loaded) {
            dropTrimmed(life, entry.id, before, null);
        }
    }

    /// Deletes some batches that a trim let go of, and then more, until none is left. Runs on a reader.
    private void dropTrimmed(Life life, long topicId, long before, @Nullable Runnable then) {
        try {
            long[] keys = LogReader.trimmedBatches(life, topicId, before, DROP_AT_ONCE);
            if (keys.length > 0) {
                submit(new Command.DropBatches(
                        topicId,
                        keys,
                        () -> lives.execute(readers, life, () -> dropTrimmed(life, topicId, before, then))));
            } else if (then != null) {
                then.run();
            }
        } catch (org.rocksdb.RocksDBException | BadRowException e) {
            LOGGER.log(System.Logger.Level.ERROR, "what was trimmed cannot be deleted", e);
        }
    }

    /// Goes on where the last life stopped deleting.
    private void dropNextTrimmed(long afterTopicId) {
        Life life = lives.current();
        lives.execute(readers, life, () -> {
            try {
                long[] trimmed = LogReader.nextTrimmed(life, afterTopicId);
                if (trimmed != null && !isClosing) {
                    dropTrimmed(life, trimmed[0], trimmed[1], () -> dropNextTrimmed(trimmed[0]));
                }
            } catch (org.rocksdb.RocksDBException | BadRowException e) {
                LOGGER.log(System.Logger.Level.ERROR, "what was trimmed cannot be deleted", e);
            }
        });
    }

    // ---- for tests

    int openHandles() {
        return handles.open();
    }

    int entries() {
        return lives.current().entries.size();
    }

    LogSync sync() {
        return sync;
    }

    /// How many rows a family has, by walking through it.
    CompletableFuture<Integer> countRows(String family) {
        return lives.read(readers, "the family " + family, life -> life.store.countRows(family));
    }

    /// Takes no more, answers everything that was taken, and closes the store. Waits for that.
    @Override
    public synchronized void close() {
        if (isClosed) {
            return;
        }
        isClosed = true;
        isClosing = true;
        queue.close();
        writerWake.signal();
        boolean interrupted = join(writerThread);
        interrupted |= join(syncThread);
        readers.shutdown();
        try {
            while (!readers.awaitTermination(1, TimeUnit.MINUTES)) {
                LOGGER.log(System.Logger.Level.WARNING, "a read of the log takes more than a minute to end");
            }
        } catch (InterruptedException e) {
            interrupted = true;
            readers.shutdownNow();
        }
        writer.close();
        lives.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean join(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                return interrupted;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
    }
}
