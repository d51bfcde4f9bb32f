package io.topicstream.examples.directchat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.rocksdb.RocksLog;
import io.topicstream.rocksdb.RocksOptions;
import io.topicstream.rocksdb.StoreException;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The register in a folder, kept by TopicStream's engine on RocksDB. Only one process has the folder open, so a lock
/// of this object is enough for changes.
///
/// | partition | key | value |
/// | --- | --- | --- |
/// | `connections` | connection id | its name, or nothing |
/// | `names` | name | connection id |
///
/// A name is taken where both records say so. The one in `names` is written first and deleted last, so a process that
/// ends between the two leaves at most one that counts for nothing and is written over.
final class RocksRegister implements Register {
    private static final String CONNECTIONS = "connections";
    private static final String NAMES = "names";
    private static final int PAGE = 1000;
    private static final long PATIENCE_SECONDS = 10;
    /// Connections and names are few and small.
    private static final long MEMORY_BYTES = 8 << 20;

    private static final int TOPIC_ENTRIES = 16;

    private final RocksLog log;
    private final StateStore records;
    /// Held while records change.
    private final ReentrantLock changes = new ReentrantLock();

    private RocksRegister(RocksLog log) {
        this.log = log;
        this.records = log.state();
    }

    /// Opens the register in a folder, and makes it where there is none.
    ///
    /// @throws RegisterException if it cannot be opened, for instance since another process has it open
    static RocksRegister open(Path folder) {
        try {
            return new RocksRegister(
                    RocksLog.open(folder, RocksOptions.DEFAULTS.withMemory(MEMORY_BYTES, MEMORY_BYTES, TOPIC_ENTRIES)));
        } catch (StoreException e) {
            throw new RegisterException(String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public void connect(String connectionId) {
        await(records.put(CONNECTIONS, connectionId, new byte[0], StateStore.ABSENT, StateStore.NEVER));
    }

    @Override
    public void disconnect(String connectionId) {
        changes.lock();
        try {
            String username = usernameOf(connectionId);
            await(records.delete(CONNECTIONS, connectionId, StateStore.ANY_VERSION));
            if (username != null) {
                free(username, connectionId);
            }
        } finally {
            changes.unlock();
        }
    }

    @Override
    public boolean claim(String connectionId, String username) {
        changes.lock();
        try {
            if (connectionOf(username) != null) {
                return false;
            }
            String before = usernameOf(connectionId);
            set(NAMES, username, connectionId);
            set(CONNECTIONS, connectionId, username);
            if (before != null) {
                free(before, connectionId);
            }
            return true;
        } finally {
            changes.unlock();
        }
    }

    private void free(String username, String connectionId) {
        if (connectionId.equals(get(NAMES, username))) {
            await(records.delete(NAMES, username, StateStore.ANY_VERSION));
        }
    }

    @Override
    public @Nullable String usernameOf(String connectionId) {
        String username = get(CONNECTIONS, connectionId);
        return username == null || username.isEmpty() ? null : username;
    }

    @Override
    public @Nullable String connectionOf(String username) {
        String connectionId = get(NAMES, username);
        return connectionId != null && username.equals(usernameOf(connectionId)) ? connectionId : null;
    }

    @Override
    public List<Entry> all() {
        List<Entry> all = new ArrayList<>();
        String after = "";
        StatePage page;
        do {
            page = await(records.scan(CONNECTIONS, "", after, PAGE));
            page.records().forEach(record -> all.add(new Entry(record.key(), new String(record.value(), UTF_8))));
            after = page.isLast() ? "" : page.after();
        } while (!page.isLast());
        return all;
    }

    private @Nullable String get(String partition, String key) {
        StateRecord record = await(records.get(partition, key));
        return record == null ? null : new String(record.value(), UTF_8);
    }

    private void set(String partition, String key, String value) {
        await(records.put(partition, key, value.getBytes(UTF_8), StateStore.ANY_VERSION, StateStore.NEVER));
    }

    private static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new RegisterException("The store did not answer: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new RegisterException("The store did not answer in " + PATIENCE_SECONDS + " s.", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RegisterException("The back end is ending.", e);
        }
    }

    @Override
    public void close() {
        log.close();
    }
}
