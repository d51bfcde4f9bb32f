package io.topicstream.rocksdb;

import io.topicstream.log.TopicName;
import io.topicstream.migration.BatchReader;
import io.topicstream.migration.CopiedBatch;
import io.topicstream.migration.CopiedRecord;
import io.topicstream.migration.KnownId;
import io.topicstream.migration.MigrationException;
import io.topicstream.migration.StoreExport;
import io.topicstream.migration.TopicStand;
import io.topicstream.row.BadRowException;
import io.topicstream.state.StateRecord;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// All that a store keeps, as it stands on the disk. No file of it is changed; while it is open, no server opens it.
public final class RocksExport implements StoreExport {
    private static final byte[] FIRST_KEY = {};
    private static final byte[] LAST_KEY = new byte[1100];

    static {
        Arrays.fill(LAST_KEY, (byte) 0xFF);
    }

    private final StoreRows rows;
    private final StoreRow row;
    private final boolean keepsAll;
    private final String fingerprint;
    private final @Nullable ReadOnlyStore owned;
    private final @Nullable FileChannel lock;

    /// Opens the store in the directory.
    ///
    /// @throws MigrationException with one plain sentence, where it cannot be read: in use, damaged
    public static RocksExport open(Path directory) {
        Path db = directory.resolve("db");
        if (!Files.exists(db.resolve("CURRENT"))) {
            throw new MigrationException("there is no store in " + directory);
        }
        FileChannel lock = null;
        ReadOnlyStore store = null;
        boolean isOpen = false;
        try {
            lock = StoreLock.shareIfThere(directory);
            long synced = Files.exists(directory.resolve("synced")) ? SyncedMark.read(directory.resolve("synced")) : 0;
            String damage = LogFileCheck.damage(db, synced);
            if (damage != null) {
                throw damaged(directory, damage);
            }
            store = new ReadOnlyStore(db);
            if (store.lastSequence() < synced) {
                throw damaged(
                        directory,
                        "it ends at change " + store.lastSequence() + ", and change " + synced + " had been synced");
            }
            byte[] first = store.get("meta", StoreRow.key());
            if (first == null) {
                throw damaged(directory, "no row says what it is");
            }
            byte[] retention = store.get("meta", RetentionRow.key());
            RocksExport export = new RocksExport(
                    store,
                    StoreRow.of(first),
                    retention == null || !RetentionRow.of(retention).isMadeWith(),
                    store.lastSequence(),
                    store,
                    lock);
            isOpen = true;
            return export;
        } catch (StoreException e) {
            throw new MigrationException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new MigrationException("the store in " + directory + " cannot be read: " + Store.sentence(e), e);
        } catch (RocksDBException e) {
            throw new MigrationException("the store in " + directory + " cannot be read: " + Store.reason(e), e);
        } catch (BadRowException e) {
            throw new MigrationException("the store in " + directory + " cannot be read: " + e.getMessage(), e);
        } finally {
            if (!isOpen) {
                if (store != null) {
                    store.close();
                }
                Store.closeQuietly(null, lock);
            }
        }
    }

    private static MigrationException damaged(Path directory, String how) {
        return new MigrationException("the store in " + directory + " is damaged: " + how + ". " + Store.WHAT_TO_DO);
    }

    /// What is in a store that is being filled.
    RocksExport(StoreRows rows, StoreRow row) {
        this(rows, row, false, 0, null, null);
    }

    private RocksExport(
            StoreRows rows,
            StoreRow row,
            boolean keepsAll,
            long sequence,
            @Nullable ReadOnlyStore owned,
            @Nullable FileChannel lock) {
        this.rows = rows;
        this.row = row;
        this.keepsAll = keepsAll;
        this.fingerprint = "rocksdb " + row.storeId() + " epoch " + row.epoch() + " change " + sequence;
        this.owned = owned;
        this.lock = lock;
    }

    @Override
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public long epoch() {
        return row.epoch();
    }

    @Override
    public long versions() {
        return row.versions();
    }

    @Override
    public List<String> remarks() {
        return keepsAll
                ? List.of(
                        "the store is older than retention: where it comes to, messages of topics without a policy end"
                                + " after 30 days")
                : List.of();
    }

    /// Something that is read.
    private interface Reading<T extends @Nullable Object> {
        T read() throws RocksDBException;
    }

    private static <T extends @Nullable Object> T reading(String about, Reading<T> reading) {
        try {
            return reading.read();
        } catch (RocksDBException e) {
            throw new MigrationException(about + " cannot be read: " + Store.reason(e), e);
        } catch (BadRowException e) {
            throw new MigrationException(about + " is damaged: " + e.getMessage(), e);
        }
    }

    @Override
    public List<TopicStand> topics(String after, int limit) {
        return reading("the list of topics", () -> {
            List<TopicStand> found = new ArrayList<>();
            byte[] from = after.isEmpty() ? FIRST_KEY : NameRow.key(after + '\0');
            try (Cursor names = rows.cursor("names", from, LAST_KEY)) {
                for (boolean at = names.first(); at && found.size() < limit; at = names.next()) {
                    String name = NameRow.name(names.key());
                    long id = NameRow.topicId(names.value());
                    found.add(reading("topic " + name, () -> stand(name, id)));
                }
            }
            return found;
        });
    }

    private TopicStand stand(String name, long id) throws RocksDBException {
        TopicTail tail = TopicTail.read(rows, id);
        long first = Math.min(tail.firstOffset(), tail.nextOffset());
        try {
            return new TopicStand(
                    new TopicName(name),
                    first,
                    tail.nextOffset(),
                    first > 1 ? tail.trimmedEpoch() : 0,
                    tail.timestamp());
        } catch (IllegalArgumentException e) {
            throw new BadRowException(String.valueOf(e.getMessage()), e);
        }
    }

    private long idOf(TopicStand topic) throws RocksDBException {
        byte[] named = rows.get("names", NameRow.key(topic.topic().value()));
        if (named == null) {
            throw new BadRowException("it has no name any more");
        }
        return NameRow.topicId(named);
    }

    @Override
    public BatchReader batches(TopicStand topic, long from, long forgottenMs) {
        String about = "topic " + topic.topic();
        ExportedBatches batches =
                reading(about, () -> new ExportedBatches(rows, idOf(topic), from, topic.nextOffset(), forgottenMs));
        return new BatchReader() {
            @Override
            public @Nullable CopiedBatch next() {
                return reading(about, batches::next);
            }

            @Override
            public void close() {
                batches.close();
            }
        };
    }

    @Override
    public void endedIds(TopicStand topic, long forgottenMs, Consumer<KnownId> each) {
        if (topic.firstOffset() == 1) {
            return;
        }
        reading("topic " + topic.topic(), () -> {
            ExportedIds.forEach(rows, idOf(topic), forgottenMs, id -> {
                if (id.offset() < topic.firstOffset()) {
                    each.accept(id);
                }
            });
            return true;
        });
    }

    @Override
    public void records(long nowMs, Consumer<CopiedRecord> each) {
        reading("a state record", () -> {
            try (Cursor records = rows.cursor("state", FIRST_KEY, LAST_KEY)) {
                for (boolean at = records.first(); at; at = records.next()) {
                    StateRow record = StateRow.of(records.value());
                    if (!record.isExpired(nowMs)) {
                        each.accept(copied(records.key(), record));
                    }
                }
            }
            return true;
        });
    }

    private static CopiedRecord copied(byte[] key, StateRow record) {
        int end = 0;
        while (end < key.length && key[end] != 0) {
            end++;
        }
        if (end == key.length) {
            throw new BadRowException("it has no partition");
        }
        return new CopiedRecord(
                new String(key, 0, end, StandardCharsets.UTF_8),
                new StateRecord(StateRow.keyOf(key, end), record.value(), record.version(), record.expiresAtMs()));
    }

    @Override
    public @Nullable StateRecord record(String partition, String key) {
        return reading("the state record " + partition + " " + key, () -> {
            byte[] value = rows.get("state", StateRow.key(partition, key));
            if (value == null) {
                return null;
            }
            StateRow found = StateRow.of(value);
            return new StateRecord(key, found.value(), found.version(), found.expiresAtMs());
        });
    }

    @Override
    public void close() {
        if (owned != null) {
            owned.close();
        }
        Store.closeQuietly(null, lock);
    }
}
