package io.topicstream.rocksdb;

import io.topicstream.log.LogLimit;
import io.topicstream.log.Retention;
import io.topicstream.log.Trimmed;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Writes what retention does: which messages have ended, and when a topic is to be looked at again.
///
/// Used by the writer. An append pays for it by two comparisons a batch: the entry knows from which offset and sum of
/// bytes on there may be too much. Then a look is asked for ([RetentionLooks]), which runs beside the appends, and
/// what it finds comes back through the queue, some batches at a time.
///
/// First the topic's first offset moves, in memory, so that who looks now sees what stays; then row and deletes
/// are written in one go. A crash takes back all of it or nothing.
final class RetentionWriter {
    private final Retentions retentions;
    private final RetentionLooks looks;

    /// What has ended. Written by the writer, read by anybody.
    private volatile Trimmed trimmed = Trimmed.NONE;

    private RetentionWriter(Retentions retentions, RetentionLooks looks) {
        this.retentions = retentions;
        this.looks = looks;
    }

    /// Retention as the options say, in the store that is open.
    ///
    /// @param readers for its looks
    /// @param submit takes a command into the queue, or says that it has no room
    static RetentionWriter of(
            RocksOptions options, Lives lives, Executor readers, Predicate<Command> submit, LogLimit logLimit) {
        boolean isMadeWith = lives.current().store.retention().isMadeWith();
        Retentions retentions = Retentions.of(options.retention(), isMadeWith);
        return new RetentionWriter(
                retentions, new RetentionLooks(lives, readers, submit, options.clock(), retentions, logLimit));
    }

    /// Looks for what is due. Called by the writer, about once a second.
    void tick() {
        looks.tick();
    }

    long sweeps() {
        return looks.sweeps();
    }

    /// Whether topics of which the rules say nothing keep everything.
    boolean keepsAllByDefault() {
        return !retentions.byDefault().hasAge();
    }

    Trimmed trimmed() {
        return trimmed;
    }

    /// The entry knows from now on what its topic has.
    void loaded(TopicEntry entry) {
        Retention keep = retentions.of(entry.topic);
        entry.retention = keep;
        entry.askAtNext = Retention.plus(entry.first, keep.messages());
        // What its first batch counts nobody has read.
        entry.askAtBytes = keep.bytes() == Retention.UNLIMITED
                ? Retention.UNLIMITED
                : entry.first < entry.next ? entry.bytes : Retention.plus(entry.bytes, keep.bytes()) - 1;
    }

    /// A batch was added to the group.
    void wrote(Turn turn, TopicEntry entry, int count) throws RocksDBException {
        Retention keep = entry.retention;
        if (entry.next - count == entry.first && keep.hasAge()) {
            putDue(turn, endLookMs(keep, entry.lastTimestamp), entry.id, entry.topic.value());
        }
        askIfTooMuch(turn, entry);
    }

    private void askIfTooMuch(Turn turn, TopicEntry entry) {
        if ((entry.next > entry.askAtNext || entry.bytes > entry.askAtBytes) && !entry.isCutAsked) {
            entry.isCutAsked = true;
            Life life = turn.life;
            // When the batch is durable: until then nobody would find it.
            turn.group.afterwards(new Command.Then(() -> looks.ask(life, entry)));
        }
    }

    private static long endLookMs(Retention keep, long timestamp) {
        return DueRow.lookMs(keep.endMs(timestamp), keep.ageMs());
    }

    private static void putDue(Turn turn, long atMs, long topicId, String name) throws RocksDBException {
        CommitBatch rows = turn.rows;
        DueRow.putKey(rows.key(), atMs, topicId);
        DueRow.putValue(rows.value(DueRow.maxBytes(name)), name);
        rows.put(turn.life.store.family("due"));
    }

    /// Notes that a trim leaves batches to be deleted.
    static void putLeft(Turn turn, TopicEntry entry, long before) throws RocksDBException {
        CommitBatch rows = turn.rows;
        String name = entry.topic.value();
        DueRow.putLeftKey(rows.key(), entry.id, before);
        DueRow.putValue(rows.value(DueRow.maxBytes(name)), name);
        rows.put(turn.life.store.family("due"));
    }

    /// Notes that they are deleted.
    static void dropLeft(Turn turn, long topicId, long before) throws RocksDBException {
        DueRow.putLeftKey(turn.rows.key(), topicId, before);
        turn.rows.delete(turn.life.store.family("due"));
    }

    /// Ends what a look found.
    void end(Turn turn, Command.Retain retain) throws RocksDBException {
        turn.group.command(retain);
        Life life = turn.life;
        TopicEntry entry = life.entries.get(retain.name);
        boolean isAsFound = life.looked.remove(retain.name, retain);
        if (entry == null ? !isAsFound : !entry.loaded) {
            // Something was written to the topic meanwhile, or is about to be: it is looked at again.
            retain.isLeft = true;
            return;
        }
        RetentionCut cut = retain.cut;
        if (cut != null) {
            if (entry != null) {
                cutHeld(turn, entry, cut);
            } else {
                cutCold(turn, retain, cut);
            }
            for (long last : cut.ended()) {
                BatchRow.putKey(turn.rows.key(), retain.topicId, last);
                turn.rows.delete(life.store.family("log"));
            }
            for (byte[] key : cut.references()) {
                turn.rows.key().put(key);
                turn.rows.delete(life.store.family("meta"));
            }
        }
        moveDue(turn, retain, entry);
        if (entry != null && retain.isAsked) {
            entry.isCutAsked = false;
            askIfTooMuch(turn, entry);
        }
    }

    private void cutHeld(Turn turn, TopicEntry entry, RetentionCut cut) throws RocksDBException {
        entry.askAtNext = cut.askAtNext();
        entry.askAtBytes = cut.askAtBytes();
        if (cut.first() <= entry.first) {
            return;
        }
        entry.first = cut.first();
        putRow(turn, entry.id, new TopicRow(cut.first(), entry.next, entry.lastTimestamp, cut.lastEpoch()));
        // Counted before it is seen: who sees that messages have ended finds them in the figures.
        count(cut);
        entry.endedBefore = cut.first();
    }

    private void cutCold(Turn turn, Command.Retain retain, RetentionCut cut) throws RocksDBException {
        TopicTail tail = retain.cold;
        if (tail != null && cut.first() > tail.firstOffset()) {
            putRow(
                    turn,
                    retain.topicId,
                    new TopicRow(cut.first(), tail.nextOffset(), tail.timestamp(), cut.lastEpoch()));
            count(cut);
        }
    }

    private static void putRow(Turn turn, long topicId, TopicRow row) throws RocksDBException {
        CommitBatch rows = turn.rows;
        rows.key().putLong(topicId);
        row.putValue(rows.value(TopicRow.VALUE_BYTES));
        rows.put(turn.life.store.family("meta"));
    }

    private void count(RetentionCut cut) {
        trimmed = trimmed.plus(cut.byAge(), cut.byCount(), cut.byBytes());
    }

    /// Puts the topic's row to where it is to be looked at next.
    private static void moveDue(Turn turn, Command.Retain retain, @Nullable TopicEntry entry) throws RocksDBException {
        RetentionCut cut = retain.cut;
        if (retain.isAsked || (cut != null && cut.isMore())) {
            return;
        }
        Retention keep = retain.keep;
        long atMs = 0;
        if (cut != null && keep.hasAge()) {
            if (cut.oldestMs() != RetentionCut.NOTHING) {
                atMs = endLookMs(keep, cut.oldestMs());
            } else if (entry != null && entry.first < entry.next) {
                // All that was durable has ended, and there is more since.
                atMs = endLookMs(keep, entry.lastTimestamp);
            }
        }
        if (atMs == retain.dueAtMs) {
            return;
        }
        if (retain.dueAtMs != 0) {
            DueRow.putKey(turn.rows.key(), retain.dueAtMs, retain.topicId);
            turn.rows.delete(turn.life.store.family("due"));
        }
        if (atMs != 0) {
            putDue(turn, atMs, retain.topicId, retain.name);
        }
    }

    /// Notes that all topics were looked at by the rules.
    static void noteRules(Turn turn, Command.LookedAtAll looked) throws RocksDBException {
        CommitBatch rows = turn.rows;
        rows.key().put(RetentionRow.key());
        looked.row().putValue(rows.value(RetentionRow.VALUE_BYTES));
        rows.put(turn.life.store.family("meta"));
        turn.group.command(looked);
    }
}
