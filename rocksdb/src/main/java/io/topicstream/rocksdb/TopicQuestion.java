package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.log.RepeatRule;
import io.topicstream.row.Hash64;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// What the writer wants to know about a topic for the items that are parked at it.
///
/// Until the answer is there, everything for the topic is parked behind them.
///
/// @param wantsRow whether the topic's row is wanted
/// @param wantsIds whether the hashes of the topic's message ids are wanted
/// @param appends whose message ids are looked up
/// @param trimBefore the trim whose last message's epoch is wanted: everything before this offset goes; 0 where there
///     is no trim
/// @param redacting the messages to be taken back whose rows are wanted; null where there are none
record TopicQuestion(
        Life life,
        TopicEntry entry,
        boolean wantsRow,
        boolean wantsIds,
        List<Append> appends,
        long trimBefore,
        @Nullable Redacting redacting)
        implements Question {
    /// The most appends whose ids are looked up at once.
    private static final int MAX_APPENDS = 256;

    /// The question that answers what the entry's parked items need. Made by the writer.
    static TopicQuestion about(Life life, TopicEntry entry) {
        List<Append> appends = new ArrayList<>();
        long trimBefore = 0;
        @Nullable Redacting redacting = null;
        for (Parked item : Objects.requireNonNull(entry.parked)) {
            switch (item) {
                case Parked.Publish(Append append) -> {
                    if (appends.size() < MAX_APPENDS && RepeatRule.hasId(append)) {
                        appends.add(append);
                    }
                }
                case Command.Trim trim -> trimBefore = trimBefore == 0 ? Math.max(1, trim.before) : trimBefore;
                case Command.Redact redact -> redacting = redacting == null ? Redacting.by(redact) : redacting;
                case Command.Follow _, Command.Unfollow _, Command.Signal _ -> {
                    // Needs nothing but the row.
                }
            }
        }
        boolean wantsIds = !appends.isEmpty() && entry.ids == null;
        return new TopicQuestion(life, entry, !entry.loaded, wantsIds, appends, trimBefore, redacting);
    }

    @Override
    public TopicAnswer answer() {
        try {
            return read();
        } catch (RocksDBException | RuntimeException | Error e) {
            return new TopicAnswer(this, TopicTail.NONE, null, new IdentityHashMap<>(), 0, List.of(), e);
        }
    }

    private TopicAnswer read() throws RocksDBException {
        TopicTail tail = wantsRow ? TopicTail.read(life.store, entry.topic.value()) : TopicTail.NONE;
        long id = wantsRow ? tail.id() : entry.id;
        long trimmedEpoch = id != 0 && trimBefore > 1 ? readTrimmedEpoch(id) : 0;
        KnownIds ids = wantsIds ? new KnownIds() : null;
        IdentityHashMap<Append, @Nullable DedupRow[]> rows = new IdentityHashMap<>();
        if (id != 0 && !appends.isEmpty()) {
            try (Cursor cursor = life.store.dedupCursor()) {
                if (ids != null) {
                    readIds(id, ids);
                }
                for (Append append : appends) {
                    rows.put(append, lookUp(cursor, id, append));
                }
            }
        } else {
            for (Append append : appends) {
                rows.put(append, new DedupRow[append.drafts().size()]);
            }
        }
        List<Redacting.Row> batches = id == 0 || redacting == null ? List.of() : redacting.read(life.store, id);
        return new TopicAnswer(this, tail, ids, rows, trimmedEpoch, batches, null);
    }

    private long readTrimmedEpoch(long id) throws RocksDBException {
        try (Cursor batches = life.store.cursor("log", BatchRow.key(id, 0), BatchRow.key(id + 1, 0))) {
            if (batches.seek(BatchRow.key(id, trimBefore - 1)) || batches.last()) {
                BatchRow.Reader batch = new BatchRow.Reader();
                batch.begin(batches.keyLong(8), ByteBuffer.wrap(batches.value()));
                return batch.epoch();
            }
            return 0;
        }
    }

    private void readIds(long id, KnownIds ids) throws RocksDBException {
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
