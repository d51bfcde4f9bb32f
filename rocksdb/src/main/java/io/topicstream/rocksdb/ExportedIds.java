package io.topicstream.rocksdb;

import io.topicstream.migration.KnownId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;

/// The message ids that a topic remembers, in the order of their messages.
///
/// Their rows stand in another order ([DedupRow]), and a topic may have more of them than memory holds. So a walk over
/// all of them takes the next [#AT_ONCE], and another one those behind them.
final class ExportedIds {
    static final int AT_ONCE = 100_000;

    private final StoreRows rows;
    private final long topicId;
    private final long forgottenMs;
    private final int atOnce;
    private final Deque<KnownId> taken = new ArrayDeque<>();

    /// All before this offset were taken.
    private long takenTo;

    ExportedIds(StoreRows rows, long topicId, long from, long forgottenMs) {
        this(rows, topicId, from, forgottenMs, AT_ONCE);
    }

    ExportedIds(StoreRows rows, long topicId, long from, long forgottenMs, int atOnce) {
        this.rows = rows;
        this.topicId = topicId;
        this.forgottenMs = forgottenMs;
        this.atOnce = atOnce;
        this.takenTo = from;
    }

    /// Hands over all that a topic remembers, in any order.
    static void forEach(StoreRows rows, long topicId, long forgottenMs, Consumer<KnownId> each)
            throws RocksDBException {
        for (int period : DedupRow.periods(rows)) {
            if ((period + 1L) * DedupRow.PERIOD_MS <= forgottenMs) {
                continue;
            }
            byte[] from = DedupRow.key(period, topicId, 0, 0);
            byte[] to = DedupRow.key(period, topicId + 1, 0, 0);
            try (Cursor ids = rows.cursor("dedup", from, to)) {
                for (boolean at = ids.first(); at; at = ids.next()) {
                    DedupRow row = DedupRow.of(ids.key(), ids.value());
                    if (row.timestamp() > forgottenMs) {
                        each.accept(row.known());
                    }
                }
            }
        }
    }

    /// Those of messages before the offset that were not asked for yet.
    List<KnownId> before(long offset) throws RocksDBException {
        List<KnownId> found = new ArrayList<>();
        while (true) {
            while (!taken.isEmpty() && taken.peek().offset() < offset) {
                found.add(taken.remove());
            }
            if (!taken.isEmpty() || takenTo >= offset) {
                return found;
            }
            take();
        }
    }

    private void take() throws RocksDBException {
        PriorityQueue<KnownId> next =
                new PriorityQueue<>(Comparator.comparingLong(KnownId::offset).reversed());
        long[] end = {Long.MAX_VALUE};
        forEach(rows, topicId, forgottenMs, id -> {
            if (id.offset() >= takenTo && id.offset() < end[0]) {
                next.add(id);
                if (next.size() > atOnce) {
                    end[0] = next.remove().offset();
                }
            }
        });
        next.stream()
                .filter(id -> id.offset() < end[0])
                .sorted(Comparator.comparingLong(KnownId::offset))
                .forEach(taken::add);
        takenTo = end[0];
    }
}
