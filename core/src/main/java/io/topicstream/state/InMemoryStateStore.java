package io.topicstream.state;

import io.topicstream.log.LogLimit;
import io.topicstream.log.LogUnavailableException;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The state in memory: the same promises, and nothing survives the process. For the memory engine all that
/// there is, for an engine of one process what dies with it.
///
/// All records belong to the executor, which must run one task at a time (a single thread, or one that a test
/// steps by hand); every call is one task. What waits for it is bounded in bytes, and so may be what is kept: a
/// put for which there is no room fails. What makes room are deletes, and records that have expired. These are
/// freed when a put needs their room, and by [#sweep]. Several servers may share one store.
public final class InMemoryStateStore implements StateStore, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(InMemoryStateStore.class.getName());
    /// The most that may wait for the executor, in bytes.
    private static final long MAX_WAITING_BYTES = 64 << 20;
    /// What a call holds while it waits, beside the value that it brings.
    private static final int CALL_BYTES = 1024;
    /// How many expired records are freed before others have their turn.
    static final int SWEEP_RECORDS = 1_000;

    private final Executor executor;
    private final long maxBytes;
    private final LogLimit logLimit;
    private volatile boolean closed;
    private final AtomicLong waitingBytes = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();

    // Owned by the executor.
    private final MemoryRecords records;
    private long lastVersion;

    /// An empty store that keeps all that it is given.
    ///
    /// @param clock by which records expire
    /// @param executor runs one task at a time; it is not closed with the store
    public InMemoryStateStore(InstantSource clock, Executor executor) {
        this(clock, executor, Long.MAX_VALUE);
    }

    /// An empty store that is bounded.
    ///
    /// @param maxBytes what all records may take, keys, values and trees included
    public InMemoryStateStore(InstantSource clock, Executor executor, long maxBytes) {
        this.executor = executor;
        this.maxBytes = maxBytes;
        this.records = new MemoryRecords(clock, maxBytes);
        this.logLimit = new LogLimit(clock);
    }

    @Override
    public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
        byte[] name = StateLimits.name(key);
        StateLimits.name(partition);
        return this.<@Nullable StateRecord>ask(() -> {
            StateRecord found = records.find(partition, name);
            return found == null ? null : found.copy();
        });
    }

    @Override
    public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
        byte[] name = StateLimits.name(key);
        StateLimits.name(partition);
        StateLimits.checkValue(value);
        return ask(CALL_BYTES + value.length, () -> {
            if (!holds(records.find(partition, name), ifVersion)) {
                return 0L;
            }
            return store(partition, name, key, value, expiresAtMs);
        });
    }

    private long store(String partition, byte[] name, String key, byte[] value, long expiresAtMs) {
        // One count for all records: so the version of a record that is made again is new.
        StateRecord record = new StateRecord(key, value, ++lastVersion, expiresAtMs);
        if (!records.put(partition, name, record)) {
            throw full();
        }
        return record.version();
    }

    @Override
    public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
        byte[] name = StateLimits.name(key);
        StateLimits.name(partition);
        return ask(() -> {
            StateRecord found = records.find(partition, name);
            if (found == null || !holds(found, ifVersion)) {
                return false;
            }
            records.remove(partition, name);
            return true;
        });
    }

    @Override
    public CompletionStage<Long> advance(String partition, String key, long number) {
        byte[] name = StateLimits.name(key);
        StateLimits.name(partition);
        byte[] value = StateNumber.bytes(number);
        return ask(() -> {
            StateRecord found = records.find(partition, name);
            long held = found == null ? StateNumber.NONE : StateNumber.of(found.value());
            if (found != null && held == StateNumber.NONE) {
                throw new NotANumberException(partition, key);
            }
            if (held >= number) {
                return held;
            }
            store(partition, name, key, value, found == null ? NEVER : found.expiresAtMs());
            return number;
        });
    }

    @Override
    public CompletionStage<StatePage> scan(String partition, String prefix, String after, int limit) {
        StateLimits.name(partition);
        StateLimits.checkLimit(limit);
        return ask(() -> records.page(partition, prefix, after, limit));
    }

    /// Frees records that have expired, some in each of its turns until none is left. To be called now and
    /// then, on any thread; a store in which nothing expires needs it not.
    public void sweep() {
        if (closed) {
            return;
        }
        try {
            executor.execute(() -> {
                if (records.freeExpired(SWEEP_RECORDS)) {
                    sweep();
                }
            });
        } catch (RejectedExecutionException e) {
            // It is closed, and all records go.
        }
    }

    /// What it holds.
    public StateFigures figures() {
        return new StateFigures(records.count(), records.bytes(), maxBytes, refused.get());
    }

    private LogUnavailableException full() {
        refused.incrementAndGet();
        String reason = "there is no room: the records in memory take their " + maxBytes + " bytes";
        if (logLimit.permits("full")) {
            LOGGER.log(System.Logger.Level.WARNING, reason);
        }
        return new LogUnavailableException(reason);
    }

    /// Takes no more calls. What was taken is still answered, by the executor; nothing waits.
    @Override
    public void close() {
        closed = true;
    }

    private <T extends @Nullable Object> CompletionStage<T> ask(Supplier<T> work) {
        return ask(CALL_BYTES, work);
    }

    private <T extends @Nullable Object> CompletionStage<T> ask(int bytes, Supplier<T> work) {
        if (closed) {
            return CompletableFuture.failedFuture(new LogUnavailableException("the store is closed"));
        }
        if (waitingBytes.addAndGet(bytes) > MAX_WAITING_BYTES) {
            waitingBytes.addAndGet(-bytes);
            return CompletableFuture.failedFuture(new LogUnavailableException("too much is waiting"));
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                waitingBytes.addAndGet(-bytes);
                T result;
                try {
                    result = work.get();
                } catch (RuntimeException e) {
                    answer.completeExceptionally(e);
                    return;
                } catch (Error e) {
                    answer.completeExceptionally(new LogUnavailableException("the store failed: " + e, e));
                    return;
                }
                answer.complete(result);
            });
        } catch (RejectedExecutionException e) {
            waitingBytes.addAndGet(-bytes);
            answer.completeExceptionally(new LogUnavailableException("the store is closed", e));
        }
        return answer;
    }

    private static boolean holds(@Nullable StateRecord found, long ifVersion) {
        return ifVersion == ANY_VERSION || ifVersion == (found == null ? ABSENT : found.version());
    }
}
