package io.topicstream.rocksdb;

import io.topicstream.log.Direction;
import io.topicstream.log.Extent;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Reference;
import io.topicstream.log.TopicExtent;
import io.topicstream.log.TopicName;
import io.topicstream.row.BadRowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// What readers do: answers questions about topics from the store, and never more than is durable.
///
/// The writer's rows can be seen as soon as they are written, before they are synced. So each answer is cut at
/// the durable tail, which stands in the topic's entry while anything of the topic is in flight; where there is
/// no entry, before *and after* the store was read, everything that was read is durable.
///
/// Every end is checked: a walk that ends before the tail, or a batch that does not go on where the one before it
/// ended, is damage and is said, never a shorter answer. But messages may be missing because a trim let go of them
/// after the topic was looked at: then it is looked at again, and the read begins again from its new front.
///
/// Runs on readers, inside the gate of [Lives].
final class LogReader {
    private static final byte[] LAST_NAME = {(byte) 0xFF};

    private LogReader() {}

    /// A topic as it can be read now.
    ///
    /// @param id 0 where nothing was ever written (or synced)
    record View(long id, long first, long next) {
        Extent extent(Life life) {
            return new Extent(life.epoch(), first, next);
        }

        byte[] key(long offset) {
            return BatchRow.key(id, offset);
        }
    }

    private static View view(Life life, String name) throws RocksDBException {
        View held = held(life, name);
        if (held != null) {
            return held;
        }
        TopicTail tail = TopicTail.read(life.store, name);
        held = held(life, name);
        return held != null ? held : new View(tail.id(), tail.firstOffset(), tail.nextOffset());
    }

    private static @Nullable View held(Life life, String name) {
        TopicEntry entry = life.entries.get(name);
        if (entry == null || !entry.loaded) {
            return null;
        }
        long next = entry.durableNext;
        return new View(next == 1 ? 0 : entry.id, Math.min(entry.firstToSee(), next), next);
    }

    /// The extent where it is in memory, else null. Any thread.
    static @Nullable Extent heldExtent(Life life, TopicName topic) {
        View held = held(life, topic.value());
        return held == null ? null : held.extent(life);
    }

    static Extent extent(Life life, TopicName topic) throws RocksDBException {
        return view(life, topic.value()).extent(life);
    }

    // ---- messages

    static Page read(Life life, TopicName topic, long from, Direction direction, int maxMessages, int maxBytes)
            throws RocksDBException {
        return read(life, topic, view -> page(life, view, from, direction, maxMessages, maxBytes));
    }

    static Page page(Life life, View view, long from, Direction direction, int maxMessages, int maxBytes)
            throws RocksDBException {
        List<Message> messages = switch (direction) {
            case FORWARD -> forward(life, view, Math.max(from, view.first), maxMessages, maxBytes);
            case BACKWARD -> backward(life, view, Math.min(from, view.next - 1), maxMessages, maxBytes);
        };
        return new Page(view.extent(life), messages);
    }

    /// What is read from a topic as it was seen.
    interface Reading<T> {
        T of(View view) throws RocksDBException;
    }

    /// Reads from the topic, again where a trim came between the look at it and the read.
    static <T> T read(Life life, TopicName topic, Reading<T> reading) throws RocksDBException {
        View view = view(life, topic.value());
        while (true) {
            try {
                return reading.of(view);
            } catch (BadRowException e) {
                View now = view(life, topic.value());
                if (now.first <= view.first) {
                    throw e;
                }
                view = now;
            }
        }
    }

    private static List<Message> forward(Life life, View view, long from, int maxMessages, int maxBytes)
            throws RocksDBException {
        if (from >= view.next || maxMessages <= 0) {
            return List.of();
        }
        List<Message> messages = new ArrayList<>();
        long bytes = 0;
        long expected = from;
        try (Cursor cursor = life.store.cursor("log", view.key(from), view.key(view.next))) {
            BatchRow.Reader batch = new BatchRow.Reader();
            for (boolean at = cursor.seek(view.key(from)); at; at = cursor.next()) {
                batch.begin(cursor.keyLong(8), ByteBuffer.wrap(cursor.value()));
                if (batch.firstOffset() > expected || (batch.firstOffset() < expected && expected != from)) {
                    throw missing(expected, batch.firstOffset());
                }
                while (batch.hasNext()) {
                    if (batch.nextOffset() < from) {
                        batch.skip();
                        continue;
                    }
                    Message message = batch.next();
                    bytes += message.sizeBytes();
                    if (!messages.isEmpty() && bytes > maxBytes) {
                        return messages;
                    }
                    messages.add(message);
                    if (messages.size() >= maxMessages) {
                        return messages;
                    }
                }
                expected = batch.lastOffset() + 1;
            }
        }
        if (expected != view.next) {
            throw missing(expected, view.next);
        }
        return messages;
    }

    private static List<Message> backward(Life life, View view, long from, int maxMessages, int maxBytes)
            throws RocksDBException {
        if (from < view.first || maxMessages <= 0) {
            return List.of();
        }
        List<Message> newestFirst = new ArrayList<>();
        long bytes = 0;
        long expected = from;
        try (Cursor cursor = life.store.cursor("log", view.key(view.first), view.key(view.next))) {
            BatchRow.Reader batch = new BatchRow.Reader();
            for (boolean at = cursor.seek(view.key(from)); at; at = cursor.previous()) {
                batch.begin(cursor.keyLong(8), ByteBuffer.wrap(cursor.value()));
                if (batch.lastOffset() < expected
                        || batch.firstOffset() > expected
                        || (batch.lastOffset() > expected && expected != from)) {
                    throw missing(batch.lastOffset() + 1, expected + 1);
                }
                List<Message> ofBatch = new ArrayList<>();
                while (batch.hasNext() && batch.nextOffset() <= from) {
                    if (batch.nextOffset() < view.first) {
                        batch.skip();
                    } else {
                        ofBatch.add(batch.next());
                    }
                }
                for (Message message : ofBatch.reversed()) {
                    bytes += message.sizeBytes();
                    if ((!newestFirst.isEmpty() && bytes > maxBytes) || newestFirst.size() >= maxMessages) {
                        return List.copyOf(newestFirst.reversed());
                    }
                    newestFirst.add(message);
                }
                expected = batch.firstOffset() - 1;
                if (expected < view.first) {
                    return List.copyOf(newestFirst.reversed());
                }
            }
        }
        throw missing(view.first, expected + 1);
    }

    /// Which messages are about those from `from` up to `to`: as [io.topicstream.log.TopicLog#references]
    /// says.
    static List<Reference> references(Life life, TopicName topic, long from, long to, int most)
            throws RocksDBException {
        View view = view(life, topic.value());
        long first = Math.max(from, view.first);
        long end = Math.min(to, view.next);
        List<Reference> found = new ArrayList<>();
        if (first >= end) {
            return found;
        }
        try (Cursor rows = life.store.cursor(
                "meta", ReferenceRow.key(view.id, first, 0, 0), ReferenceRow.key(view.id, end, 0, 0))) {
            boolean at = rows.first();
            while (at) {
                long target = ReferenceRow.target(rows);
                int group = ReferenceRow.group(rows);
                // Only what is durable, and of a hot message only the last.
                int begin = found.size();
                at = rows.seekLast(ReferenceRow.key(view.id, target, group, view.next - 1));
                while (at
                        && found.size() - begin < most
                        && ReferenceRow.target(rows) == target
                        && ReferenceRow.group(rows) == group) {
                    found.add(new Reference(target, Reference.Group.of(group), ReferenceRow.offset(rows)));
                    at = rows.previous();
                }
                Collections.reverse(found.subList(begin, found.size()));
                at = rows.seek(ReferenceRow.key(view.id, target, group + 1, 0));
            }
        }
        return found;
    }

    private static BadRowException missing(long first, long end) {
        return new BadRowException("messages " + first + " to " + (end - 1) + " are missing");
    }

    // ---- positions

    /// What is looked for among batches whose answers are all false, then all true.
    private interface Test {
        boolean holds(BatchRow.Reader batch);
    }

    /// The offset of the first message of the first batch for which the test holds; the next offset where it
    /// holds for none. A binary search: one seek a step.
    private static long firstBatch(Cursor cursor, View view, Test test) throws RocksDBException {
        long low = view.first;
        long high = view.next;
        BatchRow.Reader batch = new BatchRow.Reader();
        while (low < high) {
            long middle = low + (high - low) / 2;
            if (!cursor.seek(view.key(middle))) {
                throw missing(middle, view.next);
            }
            batch.begin(cursor.keyLong(8), ByteBuffer.wrap(cursor.value()));
            if (batch.firstOffset() > middle) {
                throw missing(middle, batch.firstOffset());
            }
            long first = batch.firstOffset();
            long last = batch.lastOffset();
            if (test.holds(batch)) {
                high = Math.max(low, first);
            } else {
                low = last + 1;
            }
        }
        return low;
    }

    static long offsetAt(Life life, TopicName topic, long timestamp) throws RocksDBException {
        return read(life, topic, view -> offsetAt(life, view, timestamp));
    }

    static long offsetAt(Life life, View view, long timestamp) throws RocksDBException {
        if (view.first == view.next) {
            return view.next;
        }
        try (Cursor cursor = life.store.cursor("log", view.key(view.first), view.key(view.next))) {
            long first = firstBatch(cursor, view, batch -> {
                while (batch.hasNext()) {
                    batch.skip();
                }
                return batch.timestamp() >= timestamp;
            });
            if (first >= view.next || !cursor.seek(view.key(first))) {
                return view.next;
            }
            BatchRow.Reader batch = new BatchRow.Reader();
            batch.begin(cursor.keyLong(8), ByteBuffer.wrap(cursor.value()));
            while (batch.hasNext()) {
                long offset = batch.nextOffset();
                batch.skip();
                if (offset >= first && batch.timestamp() >= timestamp) {
                    return offset;
                }
            }
            return view.next;
        }
    }

    static long lastOffsetIn(Life life, TopicName topic, long epoch) throws RocksDBException {
        return read(life, topic, view -> lastOffsetIn(life, view, epoch));
    }

    static long lastOffsetIn(Life life, View view, long epoch) throws RocksDBException {
        if (epoch >= life.epoch()) {
            return view.next - 1;
        }
        TopicRow row = trimmed(life, view);
        while (true) {
            // Retention moves the front before the store has it: until then the store has all that was before it.
            long stored = row == null ? 1 : row.firstOffset();
            View there = stored < view.first ? new View(view.id, stored, view.next) : view;
            try {
                return lastOffsetIn(life, there, row, epoch);
            } catch (BadRowException e) {
                TopicRow now = trimmed(life, view);
                if (now == null || now.firstOffset() <= stored) {
                    throw e;
                }
                row = now;
            }
        }
    }

    private static @Nullable TopicRow trimmed(Life life, View view) throws RocksDBException {
        byte[] row = view.id == 0 ? null : life.store.get("meta", TopicRow.key(view.id));
        return row == null ? null : TopicRow.of(ByteBuffer.wrap(row));
    }

    private static long lastOffsetIn(Life life, View view, @Nullable TopicRow row, long epoch) throws RocksDBException {
        long firstLater = view.next;
        if (view.first < view.next) {
            try (Cursor cursor = life.store.cursor("log", view.key(view.first), view.key(view.next))) {
                firstLater = firstBatch(cursor, view, batch -> batch.epoch() > epoch);
            }
        }
        if (firstLater > view.first) {
            return firstLater - 1;
        }
        // Nothing that is kept is as old. What was trimmed may be.
        return row != null && row.epoch() <= epoch ? view.first - 1 : 0;
    }

    // ---- the list

    /// A list of topics in the making: a few names a turn, since each may cost reads of its own.
    static final class TopicList implements Lives.Walk<List<TopicExtent>> {
        private static final int NAMES_A_TURN = 64;

        private final byte[] from;
        private final byte[] to;
        private final int limit;
        private final List<TopicExtent> topics = new ArrayList<>();
        private String after;

        TopicList(String prefix, String after, int limit) {
            this.from = bytes(prefix);
            this.to = Arrays.copyOf(from, from.length + 1);
            this.to[from.length] = LAST_NAME[0];
            this.after = after;
            this.limit = limit;
        }

        @Override
        public @Nullable List<TopicExtent> goOn(Life life) throws RocksDBException {
            byte[] start = bytes(after + '\0');
            try (Cursor names = life.store.cursor("names", from, to)) {
                boolean isFromFront = after.isEmpty() || Arrays.compareUnsigned(start, from) < 0;
                boolean at = isFromFront ? names.first() : names.seek(start);
                for (int looks = 0; looks < NAMES_A_TURN && at && topics.size() < limit; looks++) {
                    after = NameRow.name(names.key());
                    add(life, after, names.value());
                    at = names.next();
                }
                return at && topics.size() < limit ? null : topics;
            }
        }

        private void add(Life life, String name, byte[] row) throws RocksDBException {
            View held = held(life, name);
            if (held == null) {
                long id = NameRow.topicId(row);
                TopicTail tail = TopicTail.read(life.store, id);
                held = held(life, name);
                if (held == null) {
                    held = new View(id, tail.firstOffset(), tail.nextOffset());
                }
            }
            if (held.next > 1) {
                topics.add(new TopicExtent(new TopicName(name), held.extent(life)));
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // ---- what a trim left behind

    /// The keys of batches that hold nothing but messages before the offset.
    ///
    /// @param limit at most so many
    static long[] trimmedBatches(Life life, long topicId, long before, int limit) throws RocksDBException {
        long[] keys = new long[limit];
        int count = 0;
        try (Cursor batches = life.store.cursor("log", BatchRow.key(topicId, 0), BatchRow.key(topicId, before))) {
            for (boolean at = batches.first(); at && count < limit; at = batches.next()) {
                keys[count++] = batches.keyLong(8);
            }
        }
        return Arrays.copyOf(keys, count);
    }

    /// What the first trim after another has left; null where there is none.
    static @Nullable DueRow nextLeft(Life life, byte[] after) throws RocksDBException {
        try (Cursor rows = life.store.cursor("due", Arrays.copyOf(after, after.length + 1), DueRow.key(1, 0))) {
            return rows.first() ? DueRow.of(rows.key(), rows.value()) : null;
        }
    }

    /// The keys of rows that say what is about messages before the offset.
    ///
    /// @param limit at most so many
    static List<byte[]> trimmedReferences(Life life, long topicId, long before, int limit) throws RocksDBException {
        List<byte[]> keys = new ArrayList<>();
        try (Cursor rows = life.store.cursor(
                "meta", ReferenceRow.key(topicId, 0, 0, 0), ReferenceRow.key(topicId, before, 0, 0))) {
            for (boolean at = rows.first(); at && keys.size() < limit; at = rows.next()) {
                keys.add(rows.key());
            }
        }
        return keys;
    }
}
