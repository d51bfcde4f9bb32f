package io.topicstream.aws.dynamo;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/// What the parts of one log share: its rows, its clock, and what is counted. Thread-safe.
final class LogParts {
    /// How long a message id is remembered.
    static final Duration REPEATS_KEPT = Duration.ofHours(24);

    private static final int AT_ONCE = 32;

    private final DynamoOptions options;
    private final LogRows rows;
    private final IdRows ids;
    private final ReferenceRows references;
    private final Archive archive;
    private final LogRetention retention;
    private final long epoch;
    private final AtomicLong queuedBytes = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private final AtomicLong committed = new AtomicLong();
    private volatile boolean takesWrites = true;

    LogParts(DynamoTable table, DynamoOptions options, Calls calls, long epoch) {
        this.options = options;
        this.epoch = epoch;
        this.rows = new LogRows(table, options);
        this.ids = new IdRows(table, rows);
        this.references = new ReferenceRows(table, rows);
        this.archive = new Archive(table, options);
        this.retention = new LogRetention(rows, archive, options, calls);
    }

    LogRows rows() {
        return rows;
    }

    IdRows ids() {
        return ids;
    }

    ReferenceRows references() {
        return references;
    }

    Archive archive() {
        return archive;
    }

    LogRetention retention() {
        return retention;
    }

    InstantSource clock() {
        return options.clock();
    }

    long epoch() {
        return epoch;
    }

    int inlineBytes() {
        return options.inlineBytes();
    }

    boolean hasLarge() {
        return options.large() != null;
    }

    // ---- what is counted

    /// Counts an append in.
    ///
    /// @return how many bytes are queued with it; -1 where there is no room
    long queue(Append append) {
        int bytes = append.sizeBytes();
        long queued = queuedBytes.addAndGet(bytes);
        if (queued > options.hardBytes() && queued > bytes) {
            queuedBytes.addAndGet(-bytes);
            return -1;
        }
        accepted.addAndGet(append.drafts().size());
        return queued;
    }

    /// The append was not taken after all.
    void unqueue(Append append) {
        queuedBytes.addAndGet(-append.sizeBytes());
        accepted.addAndGet(-append.drafts().size());
    }

    void onAnswered(Append append, AppendResult result) {
        queuedBytes.addAndGet(-append.sizeBytes());
        switch (result) {
            case AppendResult.Appended appended -> {
                takesWrites = true;
                if (!appended.repeated()) {
                    committed.addAndGet(append.drafts().size());
                }
            }
            case AppendResult.Conflict _, AppendResult.IdConflict _, AppendResult.Unavailable _ -> {}
        }
    }

    /// The table could not be written.
    void onFailed() {
        takesWrites = false;
    }

    long queuedBytes() {
        return queuedBytes.get();
    }

    long accepted() {
        return accepted.get();
    }

    long committed() {
        return committed.get();
    }

    boolean takesWrites() {
        return takesWrites;
    }

    // ---- several calls at once

    /// Does something for each number below the count, several at once. Blocks until all are done; throws what one of
    /// them threw, and then begins no more.
    static void forEach(int count, IntConsumer each) {
        if (count <= 1) {
            if (count == 1) {
                each.accept(0);
            }
            return;
        }
        Semaphore turns = new Semaphore(AT_ONCE);
        AtomicBoolean hasFailed = new AtomicBoolean();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<? extends Future<?>> all = IntStream.range(0, count)
                    .mapToObj(index -> threads.submit(() -> {
                        turns.acquireUninterruptibly();
                        try {
                            if (!hasFailed.get()) {
                                each.accept(index);
                            }
                        } catch (RuntimeException | Error e) {
                            hasFailed.set(true);
                            throw e;
                        } finally {
                            turns.release();
                        }
                    }))
                    .toList();
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
