package io.topicstream.rocksdb;

import io.topicstream.log.About;
import io.topicstream.log.Durability;
import io.topicstream.log.Message;
import io.topicstream.migration.CopiedBatch;
import io.topicstream.migration.CopiedRecord;
import io.topicstream.migration.KnownId;
import io.topicstream.migration.MigrationException;
import io.topicstream.migration.StoreExport;
import io.topicstream.migration.StoreImport;
import io.topicstream.migration.TopicStand;
import io.topicstream.row.BadRowException;
import io.topicstream.row.Hash64;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/// A store that is filled with what another engine kept.
///
/// While it is, it has one family more, which makes every version refuse to open it:
///
/// ```
/// key    0 1                  value  fingerprint of the source, text | begun at 8 | epoch 8
/// key    1 1                  value  name of the last topic of those that are complete
/// key    2 1 | topic name     value  next offset 8 | bytes 8, as in [BatchRow]: a topic that is not
/// ```
///
/// What is written of a topic and how far it is are one change. So a run that was killed goes on where it was. The
/// file `migrated` in the directory says afterwards of which run the store is.
public final class RocksImport implements StoreImport {
    private static final byte[] RUN = {0};
    private static final byte[] COMPLETE = {1};
    private static final byte TOPIC = 2;
    private static final String DONE = "migrated";
    private static final int WRITE_BYTES = 1 << 20;

    private final Path directory;
    private final RocksOptions options;
    private final NativeHandles handles = new NativeHandles();
    private final Object ids = new Object();
    private final Set<WriteBatch> unwritten = ConcurrentHashMap.newKeySet();
    private @Nullable Store store;
    private @Nullable Run run;
    private long nextTopicId;
    private long highestVersion;

    /// @param directory which has no store yet, or the one of an unfinished run
    /// @param options of the server that will open it; what they say of durability and retention is not asked for
    public RocksImport(Path directory, RocksOptions options) {
        this.directory = directory;
        this.options = options.withDurability(Durability.DISK).withRetention(null);
    }

    /// Something that is written.
    private interface Writing<T> {
        T write() throws RocksDBException;
    }

    private <T> T writing(Writing<T> writing) {
        try {
            return writing.write();
        } catch (RocksDBException e) {
            throw new MigrationException("the store in " + directory + " cannot be written: " + Store.reason(e), e);
        } catch (BadRowException e) {
            throw new MigrationException("the store in " + directory + " is damaged: " + e.getMessage(), e);
        }
    }

    @Override
    public Run begin(String fingerprint, long sourceEpoch, long nowMs) {
        try {
            if (hasStore()) {
                if (isFinished(fingerprint)) {
                    return new Run(0, 0, "", true);
                }
                if (!isFilled()) {
                    throw new MigrationException("there is a store in " + directory + " already; nothing was changed."
                            + " Name a directory without one");
                }
            }
            Store opened = Store.openToFill(directory, options, handles);
            store = opened;
            return writing(() -> begin(opened, fingerprint, sourceEpoch, nowMs));
        } catch (StoreException e) {
            throw new MigrationException(String.valueOf(e.getMessage()), e);
        } catch (IOException e) {
            throw new MigrationException("the directory " + directory + " cannot be used: " + Store.sentence(e), e);
        }
    }

    private boolean hasStore() {
        return Files.exists(directory.resolve("db").resolve("CURRENT"));
    }

    private boolean isFinished(String fingerprint) throws IOException {
        Path done = directory.resolve(DONE);
        return Files.exists(done) && Files.readString(done).equals(fingerprint + "\n") && !isFilled();
    }

    private boolean isFilled() throws IOException {
        RocksDB.loadLibrary();
        try (Options listing = new Options()) {
            return RocksDB.listColumnFamilies(listing, directory.resolve("db").toString()).stream()
                    .anyMatch(name -> new String(name, StandardCharsets.UTF_8).equals(Store.FILLING));
        } catch (RocksDBException e) {
            throw new IOException(Store.reason(e), e);
        }
    }

    private Run begin(Store opened, String fingerprint, long sourceEpoch, long nowMs) throws RocksDBException {
        byte[] text = fingerprint.getBytes(StandardCharsets.UTF_8);
        byte[] known = opened.get(Store.FILLING, RUN);
        if (known == null) {
            ByteBuffer value = ByteBuffer.allocate(2 * Long.BYTES + text.length);
            value.putLong(nowMs)
                    .putLong(Math.max(nowMs / 1000, sourceEpoch + 1))
                    .put(text);
            try (WriteBatch rows = new WriteBatch()) {
                rows.put(opened.family(Store.FILLING), RUN, value.array());
                opened.write(rows);
            }
            known = value.array();
        }
        ByteBuffer value = ByteBuffer.wrap(known);
        long atMs = value.getLong();
        long epoch = value.getLong();
        String of = new String(known, value.position(), value.remaining(), StandardCharsets.UTF_8);
        if (!of.equals(fingerprint)) {
            throw new MigrationException("the store in " + directory + " is the unfinished one of another migration, or"
                    + " its source was changed since; remove it and begin anew");
        }
        byte[] complete = opened.get(Store.FILLING, COMPLETE);
        nextTopicId = opened.nextTopicId();
        run = new Run(atMs, epoch, complete == null ? "" : NameRow.name(complete), false);
        return run;
    }

    private Store store() {
        Store opened = store;
        if (opened == null) {
            throw new IllegalStateException("not begun");
        }
        return opened;
    }

    @Override
    public TopicImport topic(TopicStand topic) {
        return writing(() -> new Filling(topic));
    }

    private static byte[] progressKey(TopicStand topic) {
        byte[] name = NameRow.key(topic.topic().value());
        return ByteBuffer.allocate(1 + name.length).put(TOPIC).put(name).array();
    }

    /// One topic.
    private final class Filling implements TopicImport {
        private final TopicStand topic;
        private final long id;
        private final WriteBatch rows = new WriteBatch();
        private long next;
        private long bytes;
        private long rowBytes;

        Filling(TopicStand topic) throws RocksDBException {
            this.topic = topic;
            unwritten.add(rows);
            byte[] known = store().get("names", NameRow.key(topic.topic().value()));
            if (known == null) {
                synchronized (ids) {
                    id = nextTopicId++;
                }
            } else {
                id = NameRow.topicId(known);
            }
            next = topic.firstOffset();
            byte[] progress = store().get(Store.FILLING, progressKey(topic));
            if (progress != null) {
                ByteBuffer from = ByteBuffer.wrap(progress);
                next = from.getLong();
                bytes = from.getLong();
            }
        }

        @Override
        public long next() {
            return next;
        }

        @Override
        public void putEnded(KnownId known) {
            writing(() -> {
                put(known);
                return writeIfMuch();
            });
        }

        private void put(KnownId known) throws RocksDBException {
            byte[] key = DedupRow.key(
                    DedupRow.period(known.timestamp()),
                    id,
                    Hash64.of(known.scope(), known.messageId()),
                    known.offset());
            byte[] value = DedupRow.value(known);
            rows.put(store().family("dedup"), key, value);
            rowBytes += key.length + value.length;
        }

        @Override
        public void put(CopiedBatch batch) {
            if (batch.firstOffset() != next) {
                throw new IllegalArgumentException("a batch begins at " + batch.firstOffset() + ", not at " + next);
            }
            writing(() -> {
                byte[] value = BatchRow.value(batch.epoch(), bytes, batch.messages());
                rows.put(store().family("log"), BatchRow.key(id, batch.nextOffset() - 1), value);
                bytes += value.length;
                rowBytes += value.length;
                for (Message message : batch.messages()) {
                    putReference(message);
                }
                for (KnownId known : batch.ids()) {
                    put(known);
                }
                next = batch.nextOffset();
                return writeIfMuch();
            });
        }

        private void putReference(Message message) throws RocksDBException {
            About about = message.about();
            if (about != null && about.offset() >= topic.firstOffset() && about.offset() < message.offset()) {
                byte[] key = ReferenceRow.key(id, about.offset(), ReferenceRow.groupOf(about.as()), message.offset());
                byte[] value = new byte[ReferenceRow.VALUE_BYTES];
                ReferenceRow.putValue(ByteBuffer.wrap(value));
                rows.put(store().family("meta"), key, value);
            }
        }

        private boolean writeIfMuch() throws RocksDBException {
            if (rowBytes > WRITE_BYTES) {
                byte[] progress = ByteBuffer.allocate(2 * Long.BYTES)
                        .putLong(next)
                        .putLong(bytes)
                        .array();
                rows.put(store().family(Store.FILLING), progressKey(topic), progress);
                write();
            }
            return true;
        }

        /// The name comes with the first rows: an id that has a name alone would be given once more.
        private void write() throws RocksDBException {
            byte[] named = ByteBuffer.allocate(NameRow.VALUE_BYTES).putLong(id).array();
            rows.put(store().family("names"), NameRow.key(topic.topic().value()), named);
            if (topic.firstOffset() > 1) {
                ByteBuffer row = ByteBuffer.allocate(TopicRow.VALUE_BYTES);
                new TopicRow(topic.firstOffset(), topic.nextOffset(), topic.lastTimestamp(), topic.epochBefore())
                        .putValue(row);
                rows.put(store().family("meta"), TopicRow.key(id), row.array());
            }
            store().write(rows);
            rows.clear();
            rowBytes = 0;
        }

        @Override
        public void end() {
            if (next != topic.nextOffset()) {
                throw new IllegalStateException("it ends at " + next + ", not at " + topic.nextOffset());
            }
            writing(() -> {
                rows.delete(store().family(Store.FILLING), progressKey(topic));
                write();
                return true;
            });
            unwritten.remove(rows);
            rows.close();
        }
    }

    @Override
    public void finishedUpTo(TopicStand topic) {
        writing(() -> {
            try (WriteBatch rows = new WriteBatch()) {
                rows.put(
                        store().family(Store.FILLING),
                        COMPLETE,
                        NameRow.key(topic.topic().value()));
                store().write(rows);
            }
            return true;
        });
    }

    @Override
    public void put(List<CopiedRecord> records) {
        writing(() -> {
            try (WriteBatch rows = new WriteBatch()) {
                for (CopiedRecord each : records) {
                    StateRow row = new StateRow(
                            each.record().version(),
                            each.record().expiresAtMs(),
                            each.record().value());
                    ByteBuffer value = ByteBuffer.allocate(row.valueBytes());
                    row.putValue(value);
                    rows.put(
                            store().family("state"),
                            StateRow.key(each.partition(), each.record().key()),
                            value.array());
                    highestVersion = Math.max(highestVersion, row.version());
                }
                store().write(rows);
            }
            return true;
        });
    }

    @Override
    public StoreExport written() {
        return new RocksExport(store(), store().row());
    }

    @Override
    public void finish(long versions) {
        Run of = run;
        if (of == null) {
            throw new IllegalStateException("not begun");
        }
        writing(() -> {
            byte[] known = store().get(Store.FILLING, RUN);
            if (known == null) {
                throw new BadRowException("nothing says of which migration it is");
            }
            String fingerprint =
                    new String(known, 2 * Long.BYTES, known.length - 2 * Long.BYTES, StandardCharsets.UTF_8);
            try {
                // Before the store notes in which directory it is, and how that was changed last.
                Files.writeString(directory.resolve(DONE), fingerprint + "\n");
                store().endFilling(of.epoch(), Math.max(versions, highestVersion + 1));
            } catch (IOException e) {
                throw new MigrationException(
                        "the store in " + directory + " cannot be written: " + Store.sentence(e), e);
            }
            return true;
        });
        close();
    }

    @Override
    public void close() {
        unwritten.forEach(WriteBatch::close);
        unwritten.clear();
        Store opened = store;
        if (opened != null) {
            store = null;
            opened.close();
        }
    }
}
