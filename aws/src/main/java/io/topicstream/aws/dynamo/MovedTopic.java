package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.Objects.Put;
import io.topicstream.aws.s3.Segment;
import io.topicstream.log.Batch;
import io.topicstream.log.Details;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import io.topicstream.migration.CopiedBatch;
import io.topicstream.migration.KnownId;
import io.topicstream.migration.MigrationException;
import io.topicstream.migration.StoreImport;
import io.topicstream.migration.TopicStand;
import io.topicstream.row.MessageRow;
import java.util.ArrayList;
import java.util.List;

/// A topic that comes out of another engine, a batch after the other. What is a day old goes into segments, a thousand
/// messages in one object, where there is a bucket; the others into rows, several at once. The newest batch stands in
/// a row in any case.
///
/// For one thread.
final class MovedTopic implements StoreImport.TopicImport {
    private static final int ROWS_AT_ONCE = 16;
    private static final int BYTES_AT_ONCE = 1 << 20;
    private static final int ROWS_PER_NOTE = 32 * ROWS_AT_ONCE;
    private static final int SEGMENT_BYTES = 4 << 20;
    private static final int SLOT_BYTES = 256;
    private static final byte[] NOTHING = {};

    private final MovedRows rows;
    private final TopicStand stand;
    private final String topic;
    private final List<MovedRows.Written> waiting = new ArrayList<>();
    private final List<MovedRows.Written> forSegment = new ArrayList<>();
    private final List<KnownId> ended = new ArrayList<>();
    private long next;
    private long bytes;
    private long archived;
    private long waitingBytes;
    private int rowsSinceNote;
    private boolean isNoted;
    private boolean archives;
    private boolean isLastEnded;

    MovedTopic(MovedRows rows, TopicStand stand) {
        this.rows = rows;
        this.stand = stand;
        this.topic = stand.topic().value();
        MovedRows.Progress before = rows.progress(topic);
        next = before == null ? stand.firstOffset() : before.next();
        bytes = before == null ? 0 : before.bytes();
        archived = before == null ? 1 : before.archived();
        isNoted = before != null;
        archives = before == null || before.next() == before.archived();
    }

    @Override
    public long next() {
        return next;
    }

    @Override
    public void putEnded(KnownId id) {
        ended.add(id);
        if (ended.size() == ROWS_AT_ONCE) {
            writeEnded();
        }
    }

    private void writeEnded() {
        List<KnownId> some = List.copyOf(ended);
        ended.clear();
        isLastEnded |= some.stream().anyMatch(id -> isNewest(id.offset()));
        writing(() -> LogParts.forEach(some.size(), index -> {
            KnownId id = some.get(index);
            Message bare = new Message(id.offset(), id.timestamp(), null, id.messageId(), NOTHING, Details.REDACTED);
            BatchValue value = BatchValue.of(List.of(bare), List.of(id));
            Slot slot = MovedRows.slot(id.offset(), 1, id.epoch(), id.timestamp(), 0);
            rows.writeEnded(topic, slot, value, id, isNewest(id.offset()));
        }));
    }

    /// Whether it is the last message of a topic that keeps none.
    private boolean isNewest(long offset) {
        return stand.isEmpty() && offset == stand.nextOffset() - 1;
    }

    private void writing(Runnable task) {
        DynamoImport.writing("topic " + topic, () -> {
            task.run();
            return true;
        });
    }

    @Override
    public void put(CopiedBatch batch) {
        if (batch.firstOffset() != next) {
            throw new IllegalArgumentException("a batch begins at " + batch.firstOffset() + ", not at " + next);
        }
        int from = 0;
        List<Message> messages = batch.messages();
        while (from < messages.size()) {
            int to = endOfRow(messages, from);
            put(batch, from, to);
            from = to;
        }
        next = batch.nextOffset();
    }

    /// How much of it one row takes, with its object.
    private int endOfRow(List<Message> messages, int from) {
        long most = SLOT_BYTES;
        for (int i = from; i < messages.size(); i++) {
            Message message = messages.get(i);
            most += SLOT_BYTES
                    + MessageRow.maxBytes(message.from(), message.messageId(), message.details(), message.payload());
            if (i > from && (most > rows.maxBytes() || i - from == Segment.MAX_MESSAGES)) {
                return i;
            }
        }
        return messages.size();
    }

    private void put(CopiedBatch of, int from, int to) {
        CopiedBatch batch = of.part(from, to);
        boolean isNewest = batch.nextOffset() == stand.nextOffset();
        BatchValue value = BatchValue.of(batch.messages(), batch.ids());
        byte[] valueBytes = value.toBytes();
        bytes += valueBytes.length;
        Slot slot =
                MovedRows.slot(batch.firstOffset(), batch.messages().size(), batch.epoch(), batch.timestamp(), bytes);
        MovedRows.Written row = new MovedRows.Written(slot, value, valueBytes, batch.ids());
        archives &= rows.isOld(batch.timestamp()) && !isNewest && batch.ids().isEmpty();
        if (archives) {
            if (!forSegment.isEmpty() && !goesWith(row)) {
                seal();
            }
        } else if (!forSegment.isEmpty()) {
            seal();
        }
        if (archives) {
            forSegment.add(row);
        } else {
            putRow(row);
        }
    }

    private boolean goesWith(MovedRows.Written row) {
        Slot first = forSegment.getFirst().slot();
        return row.slot().epoch() == first.epoch()
                && row.slot().last() - first.first() < Segment.MAX_MESSAGES
                && row.slot().bytes() - first.bytes() < SEGMENT_BYTES;
    }

    private void putRow(MovedRows.Written row) {
        waiting.add(row);
        waitingBytes += row.bytes().length;
        if (waiting.size() == ROWS_AT_ONCE || waitingBytes > BYTES_AT_ONCE) {
            flush();
        }
    }

    private void flush() {
        if (waiting.isEmpty()) {
            return;
        }
        writing(() -> {
            LogParts.forEach(waiting.size(), index -> rows.write(topic, waiting.get(index), stand.firstOffset()));
            rowsSinceNote += waiting.size();
            if (rowsSinceNote >= ROWS_PER_NOTE) {
                note(waiting.getLast().slot());
            }
        });
        waiting.clear();
        waitingBytes = 0;
    }

    private void note(Slot last) {
        rows.note(topic, new MovedRows.Progress(last.last() + 1, last.bytes(), archived));
        rowsSinceNote = 0;
        isNoted = true;
    }

    /// Writes a segment. What cannot stand in one stays in rows, with all that follows, as an archiver leaves it.
    private void seal() {
        List<MovedRows.Written> some = List.copyOf(forSegment);
        forSegment.clear();
        Segment segment = new Segment(some.stream()
                .map(row -> new Batch(row.slot().epoch(), row.value().messages()))
                .toList());
        boolean isSealed = DynamoImport.writing("topic " + topic, () -> {
            try {
                Put put = rows.archive().segments().write(new TopicName(topic), segment);
                if (put == Put.OTHER) {
                    throw new MigrationException("topic " + topic + ": another segment stands at offset "
                            + segment.firstOffset() + " in the bucket");
                }
            } catch (IllegalArgumentException e) {
                return false;
            }
            Sealed sealed =
                    new Sealed(some.stream().map(MovedRows.Written::slot).toList());
            rows.archive().put(topic, sealed);
            rows.references().note(topic, segment.messages().toList(), stand.firstOffset());
            archived = sealed.next();
            note(some.getLast().slot());
            return true;
        });
        if (!isSealed) {
            archives = false;
            some.forEach(this::putRow);
        }
    }

    @Override
    public void end() {
        if (next != stand.nextOffset()) {
            throw new IllegalStateException("it ends at " + next + ", not at " + stand.nextOffset());
        }
        if (!ended.isEmpty()) {
            writeEnded();
        }
        if (!forSegment.isEmpty()) {
            seal();
        }
        flush();
        writing(() -> {
            long last = stand.nextOffset() - 1;
            if (stand.isEmpty() && !isLastEnded) {
                // The newest row stays for ever: a slot that was taken never looks free.
                Message bare = new Message(last, stand.lastTimestamp(), null, null, NOTHING, Details.REDACTED);
                rows.writeEnded(
                        topic,
                        MovedRows.slot(last, 1, stand.epochBefore(), stand.lastTimestamp(), 0),
                        BatchValue.of(List.of(bare), List.of()),
                        null,
                        true);
            }
            rows.end(
                    topic,
                    new Head(stand.firstOffset(), stand.epochBefore(), 0, archived, archived, stand.firstOffset(), 0));
            if (isNoted) {
                rows.forget(topic);
            }
        });
    }
}
