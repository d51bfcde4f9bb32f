package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// A question that the writer has about a topic, and a reader's answer, so that the writer never waits for a read.
///
/// The writer fills in what it wants to know and hands it to a reader after everything that it decided before is
/// written; the reader fills in the answers and hands it back. Until then everything for the topic is parked.
final class EntryLoad {
    /// The most appends whose ids are looked up at once.
    private static final int MAX_APPENDS = 256;

    final Life life;
    final TopicEntry entry;

    // ---- asked by the writer

    /// Whether the topic's row is wanted.
    boolean wantsRow;

    /// Whether the hashes of the topic's message ids are wanted.
    boolean wantsIds;

    /// The appends whose message ids are looked up.
    final List<Append> appends = new ArrayList<>();

    /// The trim whose last message's epoch is wanted: everything before this offset goes; 0 where none is.
    long trimBefore;

    // ---- answered by the reader

    TopicTail tail = TopicTail.NONE;
    KnownIds ids = new KnownIds();
    long trimmedEpoch;

    @Nullable
    Throwable failure;

    private final IdentityHashMap<Append, @Nullable DedupRow[]> rows = new IdentityHashMap<>();

    // ---- the writer's again

    /// Hashes of ids that were written since, of which the answer cannot know.
    private final Set<Long> written = new HashSet<>();

    EntryLoad(Life life, TopicEntry entry) {
        this.life = life;
        this.entry = entry;
    }

    void want(Append append) {
        if (appends.size() < MAX_APPENDS) {
            appends.add(append);
        }
    }

    /// The known row for each draft of the append, or null where the store must be asked (again).
    @Nullable
    DedupRow @Nullable [] rowsOf(Append append) {
        @Nullable DedupRow[] found = rows.get(append);
        if (found == null) {
            return null;
        }
        if (!written.isEmpty()) {
            List<Draft> drafts = append.drafts();
            for (int i = 0; i < drafts.size(); i++) {
                String id = drafts.get(i).messageId();
                if (id != null && written.contains(Hash64.of(append.idScope(), id))) {
                    return null;
                }
            }
        }
        return found;
    }

    void wrote(long idHash) {
        if (!rows.isEmpty()) {
            written.add(idHash);
        }
    }

    /// Reads the answers. Runs on a reader.
    void run() {
        try {
            Store store = life.store;
            if (wantsRow) {
                tail = TopicTail.read(store, entry.topic.value());
            }
            long id = wantsRow ? tail.id() : entry.id;
            if (id != 0 && trimBefore > 1) {
                readTrimmedEpoch(store, id);
            }
            if (id != 0 && (wantsIds || !appends.isEmpty())) {
                try (Cursor ids = store.dedupCursor()) {
                    if (wantsIds) {
                        readIds(id);
                    }
                    for (Append append : appends) {
                        rows.put(append, lookUp(ids, id, append));
                    }
                }
            } else {
                for (Append append : appends) {
                    rows.put(append, new DedupRow[append.drafts().size()]);
                }
            }
        } catch (RocksDBException | RuntimeException | Error e) {
            failure = e;
        }
    }

    private void readTrimmedEpoch(Store store, long id) throws RocksDBException {
        try (Cursor batches = store.cursor("log", BatchRow.key(id, 0), BatchRow.key(id + 1, 0))) {
            if (batches.seek(BatchRow.key(id, trimBefore - 1)) || batches.last()) {
                BatchRow.Reader batch = new BatchRow.Reader();
                batch.begin(batches.keyLong(8), ByteBuffer.wrap(batches.value()));
                trimmedEpoch = batch.epoch();
            }
        }
    }

    private void readIds(long id) throws RocksDBException {
        for (int period : life.periods) {
            byte[] from = DedupRow.key(period, id, 0, 0);
            try (Cursor rowsOfTopic = life.store.cursor("dedup", from, DedupRow.key(period, id + 1, 0, 0))) {
                for (boolean at = rowsOfTopic.first(); at; at = rowsOfTopic.next()) {
                    ids.add(rowsOfTopic.keyLong(12));
                    if (!ids.isComplete()) {
                        return;
                    }
                }
            }
        }
    }

    private @Nullable DedupRow[] lookUp(Cursor cursor, long id, Append append) throws RocksDBException {
        List<Draft> drafts = append.drafts();
        @Nullable DedupRow[] found = new DedupRow[drafts.size()];
        for (int i = 0; i < drafts.size(); i++) {
            String messageId = drafts.get(i).messageId();
            if (messageId != null) {
                found[i] = lookUp(cursor, id, append.idScope(), messageId);
            }
        }
        return found;
    }

    private @Nullable DedupRow lookUp(Cursor cursor, long id, String scope, String messageId) throws RocksDBException {
        long hash = Hash64.of(scope, messageId);
        DedupRow latest = null;
        for (int period : life.periods) {
            byte[] prefix = DedupRow.key(period, id, hash, 0);
            for (boolean at = cursor.seek(prefix); at; at = cursor.next()) {
                byte[] key = cursor.key();
                if (!Arrays.equals(key, 0, DedupRow.PREFIX_BYTES, prefix, 0, DedupRow.PREFIX_BYTES)) {
                    break;
                }
                DedupRow row = DedupRow.of(key, cursor.value());
                if (row.scope().equals(scope)
                        && row.messageId().equals(messageId)
                        && (latest == null || row.offset() > latest.offset())) {
                    latest = row;
                }
            }
        }
        return latest;
    }
}
