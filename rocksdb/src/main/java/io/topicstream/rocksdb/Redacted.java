package io.topicstream.rocksdb;

import io.topicstream.log.Message;
import io.topicstream.row.Hash64;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Takes messages back: writes their rows anew, without what they said.
///
/// A reader brings the rows, some at a time, and everything for the topic waits for it; so no row changes
/// between its being read and its being written. Of messages that a trim has let go of nothing is kept
/// either, where they share a row with one that is taken back.
///
/// Used by the writer.
final class Redacted {
    /// A reader may come too early for what was written in the same turn, once.
    private static final int MAX_LOOKS = 2;

    private Redacted() {}

    /// Does what can be done with what a reader has found.
    ///
    /// @return false where a reader must be asked (again)
    static boolean apply(Turn turn, TopicEntry entry, Command.Redact redact) throws RocksDBException {
        List<Long> left = redact.left;
        left.removeIf(offset -> offset < entry.first || offset >= entry.next);
        Findings found = entry.found;
        List<Redacting.Row> rows = found == null ? null : found.batchesOf(redact);
        if (rows != null && !left.isEmpty()) {
            int before = left.size();
            for (Redacting.Row row : rows) {
                writeAnew(turn, entry, redact, row);
            }
            redact.looks = left.size() < before ? 0 : redact.looks + 1;
            if (redact.looks > MAX_LOOKS) {
                turn.refuse(
                        redact, "topic " + entry.topic + " cannot be read: message " + left.getFirst() + " is missing");
                return true;
            }
        }
        if (!left.isEmpty()) {
            return false;
        }
        turn.group.command(redact);
        return true;
    }

    private static void writeAnew(Turn turn, TopicEntry entry, Command.Redact redact, Redacting.Row row)
            throws RocksDBException {
        BatchRow.Reader batch = Redacting.begin(row);
        long first = batch.firstOffset();
        Set<Long> here = redact.left.stream()
                .filter(offset -> offset >= first && offset <= row.lastOffset())
                .collect(Collectors.toCollection(TreeSet::new));
        if (here.isEmpty()) {
            return;
        }
        String scope = redact.forgottenScope;
        CommitBatch rows = turn.rows;
        BatchRow.putKey(rows.key(), entry.id, row.lastOffset());
        BatchRow.putValueAnew(
                rows.value(BatchRow.maxBytesAnew(row.value().length, batch.count())),
                batch,
                message -> changed(entry, here, scope, message));
        rows.put(turn.life.store.family("log"));
        if (scope != null) {
            forgetIds(turn, entry, scope, here, row);
        }
        redact.left.removeAll(here);
        redact.redacted.addAll(here);
    }

    private static Message changed(TopicEntry entry, Set<Long> here, @Nullable String scope, Message message) {
        if (message.offset() < entry.first) {
            return message.redacted(true);
        }
        return here.contains(message.offset()) ? message.redacted(scope != null) : message;
    }

    /// Deletes what is known of the ids. That their hashes are held says only that the store must be asked.
    private static void forgetIds(Turn turn, TopicEntry entry, String scope, Set<Long> here, Redacting.Row row)
            throws RocksDBException {
        BatchRow.Reader batch = Redacting.begin(row);
        while (batch.hasNext()) {
            Message message = batch.next();
            String id = message.messageId();
            if (id != null && here.contains(message.offset())) {
                DedupRow.putKey(
                        turn.rows.key(),
                        DedupRow.period(message.timestamp()),
                        entry.id,
                        Hash64.of(scope, id),
                        message.offset());
                turn.rows.delete(turn.life.store.family("dedup"));
            }
        }
    }
}
