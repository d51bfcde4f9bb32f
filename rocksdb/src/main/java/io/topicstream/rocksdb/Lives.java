package io.topicstream.rocksdb;

import io.topicstream.log.LogUnavailableException;
import io.topicstream.row.BadRowException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// The life that the engine is in, and the gate between the readers inside of it and the writer that ends it:
/// RocksDB must not be closed while anybody is inside.
final class Lives {
    private static final System.Logger LOGGER = System.getLogger(Lives.class.getName());

    /// The most reads that wait for a reader. What the writer asks is not counted, and never refused.
    private static final int MAX_WAITING_READS = 1 << 16;

    /// Something that is read from a life.
    interface Question<T> {
        T answer(Life life) throws RocksDBException;
    }

    /// Something that is read from a life bit by bit, so that no walk keeps a reader from everybody else.
    interface Walk<T> {
        /// Goes on where it stopped, in whatever life is now.
        ///
        /// @return null where it has not come to its end
        @Nullable
        T goOn(Life life) throws RocksDBException;
    }

    private final Path directory;
    private final RocksOptions options;
    private final NativeHandles handles;
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();
    private volatile Life current;
    private volatile @Nullable String outage;
    private final AtomicInteger waitingReads = new AtomicInteger();

    Lives(Path directory, RocksOptions options, NativeHandles handles, boolean newEpoch) throws StoreException {
        this.directory = directory;
        this.options = options;
        this.handles = handles;
        this.current = open(newEpoch);
    }

    private Life open(boolean newEpoch) throws StoreException {
        Store store = Store.open(directory, options, handles, newEpoch);
        try {
            return new Life(store, DedupRow.periods(store));
        } catch (RocksDBException e) {
            store.close();
            throw new StoreException("the store in " + directory + " cannot be opened: " + Store.reason(e), e);
        }
    }

    Life current() {
        return current;
    }

    /// Why there is no life now.
    String outage() {
        String why = outage;
        return why == null ? "the store is closed" : why;
    }

    /// Ends a life and begins the next. Called by the writer.
    ///
    /// @return null where the store could not be opened
    @Nullable
    Life next(Life before) {
        gate.writeLock().lock();
        try {
            before.store.close();
            Life next = open(false);
            current = next;
            outage = null;
            return next;
        } catch (StoreException e) {
            if (!String.valueOf(e.getMessage()).equals(outage)) {
                LOGGER.log(System.Logger.Level.ERROR, "the store cannot be opened; trying again", e);
            }
            outage = e.getMessage();
            return null;
        } finally {
            gate.writeLock().unlock();
        }
    }

    /// Closes the store when the last reader is out.
    void close() {
        gate.writeLock().lock();
        try {
            current.store.close();
        } finally {
            gate.writeLock().unlock();
        }
    }

    /// Runs the question inside the life, on the executor; drops it when that life is over. What it throws ends the
    /// life: somebody may wait for its answer.
    void execute(Executor readers, Life life, Runnable question) {
        try {
            readers.execute(() -> {
                gate.readLock().lock();
                try {
                    if (current == life && life.store.isOpen()) {
                        question.run();
                    }
                } catch (RuntimeException | Error e) {
                    life.failure = e;
                    LOGGER.log(System.Logger.Level.ERROR, "a question of the log's own was not answered", e);
                } finally {
                    gate.readLock().unlock();
                }
            });
        } catch (RejectedExecutionException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "closing", e);
        }
    }

    /// Answers the question on the executor, in whatever life is then.
    ///
    /// @param about what is read, for the message of a failure
    <T> CompletableFuture<T> read(Executor readers, String about, Question<T> question) {
        return walk(readers, about, question::answer);
    }

    /// Takes a walk on the executor, which gives each part of it a turn of its own.
    ///
    /// @param about what is read, for the message of a failure
    <T> CompletableFuture<T> walk(Executor readers, String about, Walk<T> walk) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (waitingReads.incrementAndGet() > MAX_WAITING_READS) {
            waitingReads.decrementAndGet();
            answer.completeExceptionally(new LogUnavailableException("too many reads are waiting"));
        } else {
            goOn(readers, about, walk, answer);
        }
        return answer;
    }

    private <T> void goOn(Executor readers, String about, Walk<T> walk, CompletableFuture<T> answer) {
        try {
            readers.execute(() -> {
                T end;
                try {
                    end = goOnNow(about, walk);
                } catch (RuntimeException e) {
                    waitingReads.decrementAndGet();
                    answer.completeExceptionally(e);
                    return;
                } catch (Error e) {
                    waitingReads.decrementAndGet();
                    answer.completeExceptionally(new LogUnavailableException(about + " cannot be read: " + e, e));
                    return;
                }
                if (end == null) {
                    goOn(readers, about, walk, answer);
                } else {
                    waitingReads.decrementAndGet();
                    answer.complete(end);
                }
            });
        } catch (RejectedExecutionException e) {
            waitingReads.decrementAndGet();
            answer.completeExceptionally(new LogUnavailableException("the store is closed", e));
        } catch (Error e) {
            // No thread could be started.
            waitingReads.decrementAndGet();
            answer.completeExceptionally(new LogUnavailableException(about + " cannot be read now: " + e, e));
        }
    }

    /// Answers the question on the calling thread, in whatever life is now.
    ///
    /// @throws LogUnavailableException where it cannot
    <T> T readNow(String about, Question<T> question) {
        return Objects.requireNonNull(goOnNow(about, question::answer), "a question is answered at once");
    }

    private <T> @Nullable T goOnNow(String about, Walk<T> walk) {
        gate.readLock().lock();
        try {
            Life life = current;
            if (!life.store.isOpen()) {
                throw new LogUnavailableException(outage());
            }
            return walk.goOn(life);
        } catch (RocksDBException e) {
            throw new LogUnavailableException(about + " cannot be read: " + Store.reason(e), e);
        } catch (BadRowException e) {
            throw new LogUnavailableException(about + " is damaged: " + e.getMessage(), e);
        } finally {
            gate.readLock().unlock();
        }
    }

    /// Looks, on the executor, whether the store still has its files. Where they were removed or moved under it, what
    /// it writes can no longer be found: so the life ends.
    void checkFiles(Executor lookups) {
        Life life = current;
        execute(lookups, life, () -> {
            String gone = life.failure == null ? life.store.whatIsGone() : null;
            if (gone != null) {
                life.failure = new LogUnavailableException(gone);
                LOGGER.log(System.Logger.Level.ERROR, gone);
            }
        });
    }

    /// Gives back the room of a range whose rows are deleted: drops whole files, and writes those anew that
    /// begin or end in it. Only saves room: what it leaves is compacted away.
    void freeRoom(Life life, String family, byte[] from, byte[] to) {
        gate.readLock().lock();
        try {
            if (current == life && life.store.isOpen()) {
                life.store.dropFiles(family, from, to);
                life.store.compact(family, from, to);
            }
        } catch (RocksDBException e) {
            LOGGER.log(System.Logger.Level.WARNING, "room was not given back", e);
        } finally {
            gate.readLock().unlock();
        }
    }

    /// Writes a range anew in which much is deleted and some is not, if that is worth it.
    ///
    /// @param atMost how many bytes may be written anew, about
    /// @return false where there is more to write, and nothing was done
    boolean compact(Life life, String family, byte[] from, byte[] to, long atMost) {
        gate.readLock().lock();
        try {
            if (current == life && life.store.isOpen()) {
                if (life.store.tableBytes(family) > atMost) {
                    return false;
                }
                life.store.compact(family, from, to);
            }
        } catch (RocksDBException e) {
            LOGGER.log(System.Logger.Level.WARNING, "room was not given back", e);
        } finally {
            gate.readLock().unlock();
        }
        return true;
    }

    /// Drops whole files of a range whose rows are deleted. Only saves work: what it leaves is compacted away.
    void dropFiles(Life life, String family, byte[] from, byte[] to) {
        gate.readLock().lock();
        try {
            if (current == life && life.store.isOpen()) {
                life.store.dropFiles(family, from, to);
            }
        } catch (RocksDBException e) {
            LOGGER.log(System.Logger.Level.WARNING, "old files were not dropped", e);
        } finally {
            gate.readLock().unlock();
        }
    }
}
