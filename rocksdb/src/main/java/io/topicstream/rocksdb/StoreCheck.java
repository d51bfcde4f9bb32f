package io.topicstream.rocksdb;

import io.topicstream.log.StoreReport;
import io.topicstream.log.TopicName;
import io.topicstream.row.BadRowException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// A walk through every row of a store that nobody has open, changing nothing: whether each can be read, whether the
/// offsets of each topic run on without a hole, and what is there.
///
/// It goes on behind what is wrong, as far as there is a way, and keeps the first [#MAX_PROBLEMS].
final class StoreCheck implements AutoCloseable {
    static final int MAX_PROBLEMS = 20;

    private static final long NOT_COUNTED = -1;
    private static final byte[] FIRST_KEY = {};
    private static final byte[] LAST_KEY = new byte[600];

    static {
        Arrays.fill(LAST_KEY, (byte) 0xFF);
    }

    private final List<String> problems = new ArrayList<>();
    private @Nullable ReadOnlyStore store;
    private @Nullable StoreRow row;
    private long topics;
    private long messages;
    private long stateRecords;
    private long lastMessageMs;

    /// What is walked through next to a row: counts it, or throws because it is none.
    private interface Visit {
        void at(Cursor rows) throws RocksDBException;
    }

    private StoreCheck() {}

    /// Walks through the store in the directory, which has RocksDB in `db` and may have the file `synced`.
    ///
    /// @param before problems that were found already
    static StoreReport check(Path directory, @Nullable BackupManifest manifest, List<String> before)
            throws IOException {
        try (StoreCheck check = new StoreCheck()) {
            before.forEach(check::problem);
            check.walk(directory);
            StoreRow row = check.row;
            return new StoreReport(
                    row == null ? null : row.storeId().toString(),
                    row == null ? 0 : row.epoch(),
                    manifest == null ? null : manifest.takenAt(),
                    manifest == null ? 0 : manifest.files().size(),
                    manifest == null ? 0 : manifest.bytes(),
                    check.topics,
                    check.messages,
                    check.stateRecords,
                    check.lastMessageMs,
                    check.problems);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private void problem(String what) {
        if (problems.size() < MAX_PROBLEMS) {
            problems.add(what);
        } else if (problems.size() == MAX_PROBLEMS) {
            problems.add("and more");
        }
    }

    private boolean isEnough() {
        return problems.size() > MAX_PROBLEMS;
    }

    // ---- opening

    private void walk(Path directory) throws IOException {
        Path path = directory.resolve("db");
        long synced = 0;
        if (Files.exists(directory.resolve("synced"))) {
            synced = SyncedMark.read(directory.resolve("synced"));
        }
        String damage = LogFileCheck.damage(path, synced);
        if (damage != null) {
            problem(damage);
            return;
        }
        try {
            ReadOnlyStore opened = new ReadOnlyStore(path);
            store = opened;
            if (opened.lastSequence() < synced) {
                problem("the store ends at change " + opened.lastSequence() + ", and change " + synced
                        + " had been synced");
            }
            if (!readRow()) {
                return;
            }
            visit("names", this::name);
            visitLog();
            visitReferences();
            visit("dedup", rows -> DedupRow.of(rows.key(), rows.value()));
            visit("state", rows -> {
                StateRow.of(rows.value());
                stateRecords++;
            });
            if (opened.hasDue()) {
                visit("due", rows -> DueRow.of(rows.key(), rows.value()));
            }
        } catch (RocksDBException e) {
            problem("it cannot be opened: " + Store.reason(e));
        }
    }

    private ReadOnlyStore rows() {
        ReadOnlyStore opened = store;
        if (opened == null) {
            throw new IllegalStateException("not open");
        }
        return opened;
    }

    private Cursor cursor(String family, byte[] from, byte[] to) {
        return rows().cursor(family, from, to);
    }

    private byte @Nullable [] get(String family, byte[] key) throws RocksDBException {
        return rows().get(family, key);
    }

    private boolean readRow() throws RocksDBException {
        try {
            byte[] stored = get("meta", StoreRow.key());
            if (stored == null) {
                problem("no row says what it is");
                return false;
            }
            row = StoreRow.of(stored);
            byte[] ofRetention = get("meta", RetentionRow.key());
            if (ofRetention != null) {
                RetentionRow.of(ofRetention);
            }
            return true;
        } catch (BadRowException e) {
            problem(String.valueOf(e.getMessage()));
            return false;
        }
    }

    // ---- walking

    private void visit(String family, Visit visit) {
        try (Cursor rows = cursor(family, FIRST_KEY, LAST_KEY)) {
            for (boolean at = rows.first(); at && !isEnough(); at = rows.next()) {
                try {
                    visit.at(rows);
                } catch (BadRowException e) {
                    problem("family " + family + ": " + e.getMessage());
                }
            }
        } catch (RocksDBException e) {
            problem("family " + family + ": " + Store.reason(e));
        }
    }

    private void visitReferences() {
        try (Cursor rows = cursor("meta", ReferenceRow.key(0, 0, 0, 0), ReferenceRow.end())) {
            for (boolean at = rows.first(); at && !isEnough(); at = rows.next()) {
                ReferenceRow.check(rows.key(), rows.value());
            }
        } catch (BadRowException e) {
            problem("family meta: " + e.getMessage());
        } catch (RocksDBException e) {
            problem("family meta: " + Store.reason(e));
        }
    }

    private void name(Cursor names) throws RocksDBException {
        String name = NameRow.name(names.key());
        try {
            String valid = new TopicName(name).value();
            long id = NameRow.topicId(names.value());
            topics++;
            walkTopic(valid, id);
        } catch (IllegalArgumentException e) {
            throw new BadRowException("a name is none: " + e.getMessage(), e);
        }
    }

    /// Walks through the batches of a topic: they run on from its first offset to its tail, time and epoch never go
    /// back.
    private void walkTopic(String name, long id) {
        try {
            byte[] stored = get("meta", TopicRow.key(id));
            TopicRow trimmed = stored == null ? null : TopicRow.of(ByteBuffer.wrap(stored));
            long first = trimmed == null ? 1 : trimmed.firstOffset();
            long next = 0;
            long epoch = 0;
            long timestamp = 0;
            long bytes = NOT_COUNTED;
            BatchRow.Reader batch = new BatchRow.Reader();
            try (Cursor batches = cursor("log", BatchRow.key(id, 0), BatchRow.key(id + 1, 0))) {
                for (boolean at = batches.first(); at; at = batches.next()) {
                    requireNotInterrupted();
                    batch.begin(batches.keyLong(8), ByteBuffer.wrap(batches.value()));
                    if (next == 0 ? batch.firstOffset() > first : batch.firstOffset() != next) {
                        throw missing(next == 0 ? first : next, batch.firstOffset());
                    }
                    if (batch.epoch() < epoch || batch.epoch() > lastEpoch()) {
                        throw new BadRowException("the batch that ends at offset " + batch.lastOffset()
                                + " has the epoch " + batch.epoch() + " between " + epoch + " and " + lastEpoch());
                    }
                    epoch = batch.epoch();
                    bytes = bytesUpTo(batch, bytes);
                    while (batch.hasNext()) {
                        messages += batch.nextOffset() >= first ? 1 : 0;
                        batch.next();
                        if (batch.timestamp() < timestamp) {
                            throw new BadRowException("the time of message " + (batch.nextOffset() - 1) + " goes back");
                        }
                        timestamp = batch.timestamp();
                    }
                    next = batch.lastOffset() + 1;
                }
            }
            lastMessageMs = Math.max(lastMessageMs, timestamp);
            if (next == 0 && trimmed == null) {
                throw new BadRowException("it has a name and no messages");
            }
            if (trimmed != null && Math.max(next, first) < trimmed.nextOffset()) {
                throw missing(Math.max(next, first), trimmed.nextOffset());
            }
        } catch (BadRowException e) {
            problem("topic " + name + ": " + e.getMessage());
        } catch (RocksDBException e) {
            problem("topic " + name + ": " + Store.reason(e));
        }
    }

    /// The sum that a row counts, which must go on from the row before it. It may begin anywhere: rows before
    /// it were deleted, or are of a version that does not count.
    ///
    /// @param before the sum of the row before, or [#NOT_COUNTED]
    private static long bytesUpTo(BatchRow.Reader batch, long before) {
        long counted = batch.bytes() - before;
        boolean isRight = batch.isAnew() ? counted >= batch.valueBytes() : counted == batch.valueBytes();
        if (before != NOT_COUNTED && (!batch.countsBytes() || !isRight)) {
            throw new BadRowException("the batch that ends at offset " + batch.lastOffset() + " has "
                    + batch.valueBytes() + " bytes and counts " + batch.bytes() + " after " + before);
        }
        return batch.countsBytes() ? batch.bytes() : NOT_COUNTED;
    }

    /// A check of much takes long, and a server that stops does not wait for it.
    private static void requireNotInterrupted() {
        if (Thread.currentThread().isInterrupted()) {
            throw new UncheckedIOException(new InterruptedIOException("interrupted"));
        }
    }

    private long lastEpoch() {
        StoreRow of = row;
        return of == null ? 0 : of.epoch();
    }

    private static BadRowException missing(long first, long end) {
        return new BadRowException(
                end > first
                        ? "messages " + first + " to " + (end - 1) + " are missing"
                        : "messages " + end + " to " + (first - 1) + " are there twice");
    }

    /// Looks for topics that have messages and not just one name: as many ids must have messages as names stand
    /// for one that has.
    private void visitLog() {
        long ids = 0;
        long named = 0;
        try (Cursor batches = cursor("log", FIRST_KEY, LAST_KEY)) {
            boolean at = batches.first();
            while (at) {
                ids++;
                at = batches.seek(BatchRow.key(batches.keyLong(0) + 1, 0));
            }
            try (Cursor names = cursor("names", FIRST_KEY, LAST_KEY)) {
                for (at = names.first(); at; at = names.next()) {
                    long id = NameRow.topicId(names.value());
                    named += batches.seek(BatchRow.key(id, 0)) && batches.keyLong(0) == id ? 1 : 0;
                }
            }
            if (ids < named) {
                problem("two names stand for one topic");
            } else if (ids > named) {
                long nameless = ids - named;
                problem((nameless == 1 ? "1 topic has" : nameless + " topics have") + " messages and no name");
            }
        } catch (RocksDBException e) {
            problem("family log: " + Store.reason(e));
        } catch (BadRowException e) {
            problem("family names: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        ReadOnlyStore opened = store;
        if (opened != null) {
            opened.close();
        }
    }
}
