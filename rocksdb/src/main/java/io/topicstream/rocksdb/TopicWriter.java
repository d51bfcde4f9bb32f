package io.topicstream.rocksdb;

import io.topicstream.log.About;
import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Batch;
import io.topicstream.log.Draft;
import io.topicstream.log.Message;
import io.topicstream.log.RepeatRule;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// Decides about what is asked of a topic, and writes it: gives messages their places, and joins those of a
/// turn to one batch a topic.
///
/// Used by the writer. Owns the topic ids, and the entries that the turn has written to.
final class TopicWriter {
    private final IdWriter ids;
    private final RetentionWriter retention;
    private final long repeatsKeptMs;
    private final List<TopicEntry> touched = new ArrayList<>();
    private final ArrayDeque<ArrayList<Append>> spareLists = new ArrayDeque<>();
    private long nextTopicId;

    TopicWriter(IdWriter ids, RetentionWriter retention, long repeatsKeptMs) {
        this.ids = ids;
        this.retention = retention;
        this.repeatsKeptMs = repeatsKeptMs;
    }

    /// A life begins.
    void begin(Life next) {
        nextTopicId = next.store.nextTopicId();
        touched.clear();
    }

    /// Gives an append its place, or its refusal.
    ///
    /// @return false where a reader must be asked first
    boolean append(Turn turn, TopicEntry entry, Append append) throws RocksDBException {
        Group group = turn.group;
        boolean hasId = RepeatRule.hasId(append);
        if (hasId) {
            if (RepeatRule.givesOneIdTwice(append)) {
                group.answer(append, new AppendResult.IdConflict());
                return true;
            }
            KnownIds known = entry.ids;
            if (known == null) {
                return false;
            }
            if (known.mayHaveOneOf(append)) {
                Findings found = entry.found;
                @Nullable DedupRow[] rows = found == null ? null : found.rowsOf(append);
                if (rows == null) {
                    return false;
                }
                AppendResult result = RepeatRule.resultOf(append, index -> unlessRunOut(rows[index], turn.nowMs));
                if (result != null) {
                    group.answer(append, result);
                    entry.lastGroup = group.number;
                    return true;
                }
            }
        }
        long first = entry.next;
        if (append.expectedOffset() != Append.ANY_OFFSET && append.expectedOffset() != first) {
            group.answer(append, new AppendResult.Conflict(turn.life.epoch(), first));
            entry.lastGroup = group.number;
            return true;
        }
        int count = append.drafts().size();
        ArrayList<Append> pending = entry.pending;
        if (pending == null) {
            pending = spareLists.isEmpty() ? new ArrayList<>() : spareLists.pop();
            entry.pending = pending;
            beginBatch(turn, entry);
        }
        pending.add(append);
        entry.pendingCount += count;
        entry.next = first + count;
        group.messages += count;
        group.answer(
                append,
                new AppendResult.Appended(turn.life.epoch(), first, first + count - 1, entry.lastTimestamp, false));
        if (hasId) {
            ids.write(turn, entry, append, first);
        }
        for (int i = 0; i < count; i++) {
            if (append.drafts().get(i).details() != null) {
                index(turn, entry, append.drafts().get(i), first + i);
            }
        }
        return true;
    }

    /// Says in the index which message this one is about, if it is about one that is there.
    private static void index(Turn turn, TopicEntry entry, Draft draft, long offset) throws RocksDBException {
        About about = draft.about();
        if (about != null && about.offset() >= entry.first && about.offset() < offset) {
            CommitBatch rows = turn.rows;
            ReferenceRow.putKey(rows.key(), entry.id, about.offset(), ReferenceRow.groupOf(about.as()), offset);
            ReferenceRow.putValue(rows.value(ReferenceRow.VALUE_BYTES));
            rows.put(turn.life.store.family("meta"));
        }
    }

    private @Nullable DedupRow unlessRunOut(@Nullable DedupRow row, long nowMs) {
        return row == null || nowMs - row.timestamp() >= repeatsKeptMs ? null : row;
    }

    /// Begins the topic's batch of this turn.
    private void beginBatch(Turn turn, TopicEntry entry) throws RocksDBException {
        entry.lastTimestamp = Math.max(entry.lastTimestamp, turn.nowMs);
        entry.lastGroup = turn.group.number;
        touched.add(entry);
        if (entry.id == 0) {
            name(turn, entry);
        }
    }

    private void name(Turn turn, TopicEntry entry) throws RocksDBException {
        entry.id = nextTopicId++;
        CommitBatch rows = turn.rows;
        rows.key().put(NameRow.key(entry.topic.value()));
        NameRow.putValue(rows.value(NameRow.VALUE_BYTES), entry.id);
        rows.put(turn.life.store.family("names"));
    }

    /// Does what the command asks for.
    ///
    /// @return false where a reader must be asked first
    boolean apply(Turn turn, TopicEntry entry, Command.OfTopic command) throws RocksDBException {
        return switch (command) {
            case Command.Follow follow -> {
                entry.listeners = entry.listeners.with(follow.lane(), follow.follower());
                turn.group.happened(entry, new Event.Listening(entry.listeners, follow));
                turn.group.holds(follow);
                yield true;
            }
            case Command.Unfollow unfollow -> {
                Followers fewer = entry.listeners.without(unfollow.lane(), unfollow.follower());
                if (fewer != null) {
                    entry.listeners = fewer;
                    turn.group.happened(entry, new Event.Listening(fewer, null));
                    turn.group.holds(unfollow);
                } else {
                    turn.drop(unfollow);
                }
                yield true;
            }
            case Command.Signal signal -> {
                if (!entry.listeners.isEmpty()) {
                    turn.group.happened(entry, signal);
                    turn.group.holds(signal);
                } else {
                    turn.drop(signal);
                }
                yield true;
            }
            case Command.Trim trim -> trim(turn, entry, trim);
            case Command.Redact redact -> Redacted.apply(turn, entry, redact);
        };
    }

    private static boolean trim(Turn turn, TopicEntry entry, Command.Trim trim) throws RocksDBException {
        long first = Math.clamp(trim.before, entry.first, entry.next);
        if (first > entry.first) {
            Findings found = entry.found;
            if (found == null || !found.isAboutTrim(trim.before)) {
                return false;
            }
            // Nothing was stored yet where the reader looked: the messages are of this life.
            long epoch = found.trimmedEpoch() == 0 ? turn.life.epoch() : found.trimmedEpoch();
            entry.first = first;
            TopicRow row = new TopicRow(first, entry.next, entry.lastTimestamp, epoch);
            CommitBatch rows = turn.rows;
            rows.key().putLong(entry.id);
            row.putValue(rows.value(TopicRow.VALUE_BYTES));
            rows.put(turn.life.store.family("meta"));
            RetentionWriter.putLeft(turn, entry, first);
        }
        turn.group.happened(entry, new Event.Trimmed(trim, entry.first, entry.next));
        turn.group.command(trim);
        return true;
    }

    /// Deletes batches that a trim left behind.
    void dropBatches(Turn turn, Command.DropBatches drop) throws RocksDBException {
        for (long last : drop.lastOffsets()) {
            BatchRow.putKey(turn.rows.key(), drop.topicId(), last);
            turn.rows.delete(turn.life.store.family("log"));
        }
        for (byte[] key : drop.references()) {
            turn.rows.key().put(key);
            turn.rows.delete(turn.life.store.family("meta"));
        }
        if (drop.before() != 0) {
            RetentionWriter.dropLeft(turn, drop.topicId(), drop.before());
        }
        turn.group.command(drop);
    }

    // ---- the batches of a turn

    /// Adds the batches of all topics that the turn has written to.
    void writeBatches(Turn turn) throws RocksDBException {
        for (int i = 0; i < touched.size(); i++) {
            writeBatch(turn, touched.get(i));
        }
        touched.clear();
    }

    /// The turn has failed. What was decided is answered in its group already, as if it had been written; the group
    /// says otherwise.
    void abandonBatches() {
        for (TopicEntry entry : touched) {
            entry.pending = null;
        }
        touched.clear();
    }

    private void writeBatch(Turn turn, TopicEntry entry) throws RocksDBException {
        ArrayList<Append> pending = Objects.requireNonNull(entry.pending);
        int count = entry.pendingCount;
        long epoch = turn.life.epoch();
        CommitBatch rows = turn.rows;
        BatchRow.putKey(rows.key(), entry.id, entry.next - 1);
        entry.bytes = BatchRow.putValue(
                rows.value(BatchRow.maxBytes(pending)), epoch, entry.lastTimestamp, count, entry.bytes, pending);
        rows.put(turn.life.store.family("log"));
        retention.wrote(turn, entry, count);
        turn.group.committed(
                entry, entry.next, entry.listeners.isEmpty() ? null : batchOf(epoch, entry, pending, count));
        pending.clear();
        spareLists.push(pending);
        entry.pending = null;
        entry.pendingCount = 0;
    }

    private static Batch batchOf(long epoch, TopicEntry entry, List<Append> pending, int count) {
        long offset = entry.next - count;
        if (count == 1) {
            // The usual case takes no array.
            Append only = pending.getFirst();
            return new Batch(epoch, List.of(message(entry, only, only.drafts().getFirst(), offset)));
        }
        Message[] messages = new Message[count];
        int at = 0;
        for (int i = 0; i < pending.size(); i++) {
            Append append = pending.get(i);
            List<Draft> drafts = append.drafts();
            for (int k = 0; k < drafts.size(); k++) {
                messages[at++] = message(entry, append, drafts.get(k), offset++);
            }
        }
        return new Batch(epoch, List.of(messages));
    }

    private static Message message(TopicEntry entry, Append append, Draft draft, long offset) {
        return new Message(
                offset, entry.lastTimestamp, append.from(), draft.messageId(), draft.payload(), draft.details());
    }
}
