package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.log.RepeatRule;
import io.topicstream.row.ContentHash64;
import io.topicstream.row.Hash64;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.rocksdb.RocksDBException;

/// Writes the message ids of appends, and drops them when they have run out: a period at a time.
///
/// Used by the writer.
final class IdWriter {
    private final TopicEntries entries;
    private final Lives lives;
    private final long keptMs;

    /// @param keptMs how long an id is kept
    IdWriter(TopicEntries entries, Lives lives, long keptMs) {
        this.entries = entries;
        this.lives = lives;
        this.keptMs = keptMs;
    }

    /// Writes the ids of an append that has its place.
    void write(Turn turn, TopicEntry entry, Append append, long firstOffset) throws RocksDBException {
        Life life = turn.life;
        CommitBatch rows = turn.rows;
        int period = DedupRow.period(entry.lastTimestamp);
        addPeriod(life, period);
        KnownIds ids = Objects.requireNonNull(entry.ids);
        int slotsBefore = ids.slots();
        List<Draft> drafts = append.drafts();
        for (int i = 0; i < drafts.size(); i++) {
            String id = drafts.get(i).messageId();
            if (id == null) {
                continue;
            }
            long hash = Hash64.of(append.idScope(), id);
            int count = RepeatRule.countAt(drafts, i);
            DedupRow.putKey(rows.key(), period, entry.id, hash, firstOffset + i);
            DedupRow.putValue(
                    rows.value(DedupRow.maxBytes(append.idScope(), id)),
                    life.epoch(),
                    entry.lastTimestamp,
                    count,
                    ContentHash64.of(drafts, i, count),
                    append.idScope(),
                    id);
            rows.put(life.store.family("dedup"));
            ids.add(hash);
            Findings found = entry.found;
            if (found != null) {
                found.wrote(hash);
            }
        }
        entries.countIdSlots(ids, slotsBefore);
    }

    private static void addPeriod(Life life, int period) {
        int[] periods = life.periods;
        if (Arrays.binarySearch(periods, period) < 0) {
            int[] more = Arrays.copyOf(periods, periods.length + 1);
            more[periods.length] = period;
            Arrays.sort(more);
            life.periods = more;
        }
    }

    /// Drops the periods that have run out: one row for the range, and when that is durable the whole files.
    ///
    /// @return whether there were any
    boolean dropOld(Turn turn) throws RocksDBException {
        Life life = turn.life;
        int[] periods = life.periods;
        long timeMs = turn.nowMs - keptMs;
        int old = 0;
        while (old < periods.length && (periods[old] + 1L) * DedupRow.PERIOD_MS <= timeMs) {
            old++;
        }
        if (old == 0) {
            return false;
        }
        byte[] from = DedupRow.key(0, 0, 0, 0);
        byte[] to = DedupRow.key(periods[old - 1] + 1, 0, 0, 0);
        turn.rows.deleteRange(life.store.family("dedup"), from, to);
        life.periods = Arrays.copyOfRange(periods, old, periods.length);
        turn.group.afterwards(new Command.Then(() -> lives.dropFiles(life, "dedup", from, to)));
        return true;
    }
}
