package io.topicstream.examples.directchat;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.examples.backend.Records;
import io.topicstream.examples.backend.RecordsException;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

    private final Records records;
    /// Held while records change.
    private final ReentrantLock changes = new ReentrantLock();

    private RocksRegister(Records records) {
        this.records = records;
    }

    /// Opens the register in a folder, and makes it where there is none.
    ///
    /// @throws RecordsException if it cannot be opened, for instance since another process has it open
    static RocksRegister open(Path folder) {
        return new RocksRegister(Records.open(folder));
    }

    @Override
    public void connect(String connectionId) {
        records.putIfAbsent(CONNECTIONS, connectionId, new byte[0]);
    }

    @Override
    public void disconnect(String connectionId) {
        changes.lock();
        try {
            String username = usernameOf(connectionId);
            records.delete(CONNECTIONS, connectionId);
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
            records.delete(NAMES, username);
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
            page = records.page(CONNECTIONS, after, PAGE);
            page.records().forEach(record -> all.add(new Entry(record.key(), new String(record.value(), UTF_8))));
            after = page.isLast() ? "" : page.after();
        } while (!page.isLast());
        return all;
    }

    private @Nullable String get(String partition, String key) {
        byte[] value = records.get(partition, key);
        return value == null ? null : new String(value, UTF_8);
    }

    private void set(String partition, String key, String value) {
        records.put(partition, key, value.getBytes(UTF_8), StateStore.NEVER);
    }

    @Override
    public void close() {
        records.close();
    }
}
