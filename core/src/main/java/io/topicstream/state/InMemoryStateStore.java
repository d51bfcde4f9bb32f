package io.topicstream.state;

import io.topicstream.log.LogUnavailableException;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The state in memory, beside the [io.topicstream.log.InMemoryLog]: the same promises, and nothing
/// survives the process.
///
/// All records belong to the executor, which must run one task at a time (a single thread, or one
/// that a test steps by hand); every call is one task. What waits for it is bounded in bytes. Several servers may
/// share one store.
public final class InMemoryStateStore implements StateStore, AutoCloseable {
    /// The longest partition or key, in bytes of UTF-8.
    private static final int MAX_NAME_BYTES = 512;
    /// The largest value, in bytes.
    private static final int MAX_VALUE_BYTES = 256 * 1024;
    /// The most that may wait for the executor, in bytes.
    private static final long MAX_WAITING_BYTES = 64 << 20;
    /// What a call holds while it waits, beside the value that it brings.
    private static final int CALL_BYTES = 1024;

    private final InstantSource clock;
    private final Executor executor;
    private volatile boolean closed;
    private final AtomicLong waitingBytes = new AtomicLong();

    // Owned by the executor.
    private final Map<String, NavigableMap<byte[], StateRecord>> partitions = new HashMap<>();
    private long lastVersion;

    /// An empty store.
    ///
    /// @param clock by which records expire
    /// @param executor runs one task at a time; it is not closed with the store
    public InMemoryStateStore(InstantSource clock, Executor executor) {
        this.clock = clock;
        this.executor = executor;
    }

    @Override
    public CompletionStage<@Nullable StateRecord> get(String partition, String key) {
        byte[] name = name(key);
        name(partition);
        return this.<@Nullable StateRecord>ask(() -> copyOrNull(find(partition, name)));
    }

    @Override
    public CompletionStage<Long> put(String partition, String key, byte[] value, long ifVersion, long expiresAtMs) {
        byte[] name = name(key);
        name(partition);
        if (value.length > MAX_VALUE_BYTES) {
            throw new IllegalArgumentException("a value is at most " + MAX_VALUE_BYTES + " bytes: " + value.length);
        }
        return ask(CALL_BYTES + value.length, () -> {
            if (!holds(find(partition, name), ifVersion)) {
                return 0L;
            }
            // One count for all records: so the version of a record that is made again is new.
            StateRecord record = new StateRecord(key, value, ++lastVersion, expiresAtMs);
            partitions
                    .computeIfAbsent(partition, any -> new TreeMap<>(Arrays::compareUnsigned))
                    .put(name, record);
            return record.version();
        });
    }

    @Override
    public CompletionStage<Boolean> delete(String partition, String key, long ifVersion) {
        byte[] name = name(key);
        name(partition);
        return ask(() -> {
            StateRecord found = find(partition, name);
            if (found == null || !holds(found, ifVersion)) {
                return false;
            }
            remove(partition, name);
            return true;
        });
    }

    @Override
    public CompletionStage<List<StateRecord>> scan(String partition, String prefix, String after, int limit) {
        name(partition);
        if (limit < 1) {
            throw new IllegalArgumentException("a scan has a limit of at least 1: " + limit);
        }
        byte[] from = after.getBytes(StandardCharsets.UTF_8);
        return ask(() -> {
            NavigableMap<byte[], StateRecord> records = partitions.get(partition);
            List<StateRecord> page = new ArrayList<>();
            if (records == null) {
                return page;
            }
            int bytes = 0;
            for (StateRecord record : records.tailMap(from, false).values()) {
                if (page.size() == limit || bytes >= PAGE_BYTES) {
                    break;
                }
                if (record.key().startsWith(prefix) && !isExpired(record)) {
                    page.add(copy(record));
                    bytes += record.sizeBytes();
                }
            }
            return page;
        });
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

    private @Nullable StateRecord find(String partition, byte[] name) {
        NavigableMap<byte[], StateRecord> records = partitions.get(partition);
        StateRecord found = records == null ? null : records.get(name);
        if (found != null && isExpired(found)) {
            remove(partition, name);
            return null;
        }
        return found;
    }

    private void remove(String partition, byte[] name) {
        NavigableMap<byte[], StateRecord> records = partitions.get(partition);
        if (records != null) {
            records.remove(name);
            if (records.isEmpty()) {
                partitions.remove(partition);
            }
        }
    }

    private boolean isExpired(StateRecord record) {
        return record.expiresAtMs() != NEVER && clock.millis() >= record.expiresAtMs();
    }

    private static boolean holds(@Nullable StateRecord found, long ifVersion) {
        return ifVersion == ANY_VERSION || ifVersion == (found == null ? ABSENT : found.version());
    }

    private static @Nullable StateRecord copyOrNull(@Nullable StateRecord record) {
        return record == null ? null : copy(record);
    }

    private static StateRecord copy(StateRecord record) {
        return new StateRecord(record.key(), record.value().clone(), record.version(), record.expiresAtMs());
    }

    private static byte[] name(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length == 0 || bytes.length > MAX_NAME_BYTES || text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException(
                    "a partition or a key is 1 to " + MAX_NAME_BYTES + " bytes of UTF-8 without a NUL");
        }
        return bytes;
    }
}
