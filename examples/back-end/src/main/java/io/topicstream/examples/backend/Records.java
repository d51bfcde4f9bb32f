package io.topicstream.examples.backend;

import io.topicstream.rocksdb.RocksLog;
import io.topicstream.rocksdb.RocksOptions;
import io.topicstream.rocksdb.StoreException;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Records in a folder, kept by TopicStream's engine on RocksDB: the port [StateStore], whose answers are waited for,
/// ten seconds at most. Thread-safe; only one process has the folder open.
///
/// All methods throw [RecordsException] where the store does not answer, or not in time.
public final class Records implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 10;
    /// What examples keep is little and small.
    private static final long MEMORY_BYTES = 8 << 20;

    private static final int TOPIC_ENTRIES = 16;

    private final RocksLog log;
    private final StateStore records;

    private Records(RocksLog log) {
        this.log = log;
        this.records = log.state();
    }

    /// Opens a folder, and makes it where there is none.
    ///
    /// @throws RecordsException if it cannot be opened, for instance since another process has it open
    public static Records open(Path folder) {
        try {
            return new Records(
                    RocksLog.open(folder, RocksOptions.DEFAULTS.withMemory(MEMORY_BYTES, MEMORY_BYTES, TOPIC_ENTRIES)));
        } catch (StoreException e) {
            throw new RecordsException(String.valueOf(e.getMessage()), e);
        }
    }

    /// The value of a record, or null.
    public byte @Nullable [] get(String partition, String key) {
        StateRecord record = await(records.get(partition, key));
        return record == null ? null : record.value();
    }

    /// Stores a record, in place of the one that is there.
    ///
    /// @param expiresAtMs epoch milliseconds, or [StateStore#NEVER]
    public void put(String partition, String key, byte[] value, long expiresAtMs) {
        await(records.put(partition, key, value, StateStore.ANY_VERSION, expiresAtMs));
    }

    /// Stores a record where there is none.
    public void putIfAbsent(String partition, String key, byte[] value) {
        await(records.put(partition, key, value, StateStore.ABSENT, StateStore.NEVER));
    }

    /// Deletes a record.
    ///
    /// @return whether it was there
    public boolean delete(String partition, String key) {
        return await(records.delete(partition, key, StateStore.ANY_VERSION));
    }

    /// The records of a partition that stand behind a key, in their order.
    public StatePage page(String partition, String after, int limit) {
        return await(records.scan(partition, "", after, limit));
    }

    private static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new RecordsException("The store did not answer: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new RecordsException("The store did not answer in " + PATIENCE_SECONDS + " s.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RecordsException("The back end is ending.", e);
        }
    }

    @Override
    public void close() {
        log.close();
    }
}
