package io.topicstream.log;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// One topic of the [InMemoryLog]: its messages, how far each epoch wrote, and the ids it remembers.
///
/// Owned by the log's thread.
final class MemoryTopic {
    private final MessageRing messages = new MessageRing();
    private final TreeMap<Long, Long> lastOffsetByEpoch = new TreeMap<>();
    private final TreeSet<Row> references = new TreeSet<>(Row.ORDER);
    private final MessageIds ids = new MessageIds();
    private long firstOffset = 1;
    private long nextOffset = 1;
    private long lastTimestamp = Long.MIN_VALUE;

    /// When retention looks at it next: [MemoryRetention], whose it is.
    long dueMs = MemoryRetention.NOT_DUE;

    /// A row of the index.
    ///
    /// @param group the number of a [Reference.Group], or 0 for a bound
    private record Row(long target, int group, long offset) {
        private static final Comparator<Row> ORDER = Comparator.comparingLong(Row::target)
                .thenComparingInt(Row::group)
                .thenComparingLong(Row::offset);

        boolean isWith(Row other) {
            return target == other.target && group == other.group;
        }
    }

    MessageIds ids() {
        return ids;
    }

    long nextOffset() {
        return nextOffset;
    }

    long firstOffset() {
        return firstOffset;
    }

    /// How many messages are kept.
    int size() {
        return messages.size();
    }

    /// How many bytes they have.
    long bytes() {
        return messages.bytes();
    }

    /// When the first of them was committed.
    long oldestTimestamp() {
        return messages.getFirst().timestamp();
    }

    /// How many bytes the first of them has.
    long oldestBytes() {
        return messages.getFirst().sizeBytes();
    }

    Extent extent(long epoch) {
        return new Extent(epoch, firstOffset, nextOffset);
    }

    /// Gives the drafts their places.
    ///
    /// @param stored gets the messages too
    AppendResult.Appended add(Append append, long epoch, long nowMs, List<Message> stored) {
        long timestamp = Math.max(nowMs, lastTimestamp);
        long first = nextOffset;
        ids.remember(append, epoch, first, timestamp);
        for (Draft draft : append.drafts()) {
            Message message = new Message(
                    nextOffset++, timestamp, append.from(), draft.messageId(), draft.payload(), draft.details());
            messages.add(message);
            stored.add(message);
            About about = draft.about();
            if (about != null && about.offset() >= firstOffset && about.offset() < message.offset()) {
                references.add(
                        new Row(about.offset(), Reference.Group.of(about.as()).number(), message.offset()));
            }
        }
        lastTimestamp = timestamp;
        lastOffsetByEpoch.put(epoch, nextOffset - 1);
        return new AppendResult.Appended(epoch, first, nextOffset - 1, timestamp, false);
    }

    List<Message> read(long from, Direction direction, int maxMessages, int maxBytes) {
        return switch (direction) {
            case FORWARD -> readForward(Math.max(from, firstOffset), maxMessages, maxBytes);
            case BACKWARD -> readBackward(Math.min(from, nextOffset - 1), maxMessages, maxBytes);
        };
    }

    private List<Message> readForward(long from, int maxMessages, int maxBytes) {
        List<Message> page = new ArrayList<>();
        long bytes = 0;
        for (long offset = from; offset < nextOffset && page.size() < maxMessages; offset++) {
            Message message = at(offset);
            bytes += message.sizeBytes();
            if (bytes > maxBytes && !page.isEmpty()) {
                break;
            }
            page.add(message);
        }
        return List.copyOf(page);
    }

    private List<Message> readBackward(long from, int maxMessages, int maxBytes) {
        List<Message> page = new ArrayList<>();
        long bytes = 0;
        for (long offset = from; offset >= firstOffset && page.size() < maxMessages; offset--) {
            Message message = at(offset);
            bytes += message.sizeBytes();
            if (bytes > maxBytes && !page.isEmpty()) {
                break;
            }
            page.add(message);
        }
        return List.copyOf(page.reversed());
    }

    private Message at(long offset) {
        return messages.get((int) (offset - firstOffset));
    }

    List<Reference> references(long from, long to, int most) {
        List<Reference> found = new ArrayList<>();
        Row at = references.ceiling(new Row(from, 0, 0));
        while (at != null && at.target < to) {
            Row end = new Row(at.target, at.group, Long.MAX_VALUE);
            int begin = found.size();
            for (Row row = references.floor(end);
                    row != null && row.isWith(end) && found.size() - begin < most;
                    row = references.lower(row)) {
                found.add(new Reference(row.target, Reference.Group.of(row.group), row.offset));
            }
            Collections.reverse(found.subList(begin, found.size()));
            at = references.higher(end);
        }
        return List.copyOf(found);
    }

    long offsetAt(long timestamp) {
        int low = 0;
        int high = messages.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (messages.get(middle).timestamp() < timestamp) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return firstOffset + low;
    }

    long lastOffsetIn(long epoch) {
        Map.Entry<Long, Long> last = lastOffsetByEpoch.floorEntry(epoch);
        return last == null ? 0 : last.getValue();
    }

    void trim(long before) {
        long first = Math.clamp(before, firstOffset, nextOffset);
        messages.subList(0, (int) (first - firstOffset)).clear();
        firstOffset = first;
        references.headSet(new Row(first, 0, 0)).clear();
    }

    /// Takes messages back.
    ///
    /// @return the offsets of those that are kept
    List<Long> redact(Redaction redaction) {
        List<Long> done = new ArrayList<>();
        String scope = redaction.forgottenScope();
        for (long offset : redaction.offsets()) {
            if (offset >= firstOffset && offset < nextOffset) {
                Message message = at(offset);
                String messageId = message.messageId();
                if (scope != null && messageId != null) {
                    ids.forget(scope, messageId, offset);
                }
                messages.set((int) (offset - firstOffset), message.redacted(redaction.forgetsAuthors()));
                done.add(offset);
            }
        }
        return List.copyOf(done);
    }

    /// Loses every message at and after the offset, as if it had never been.
    void loseFrom(long offset) {
        if (offset >= nextOffset) {
            return;
        }
        ids.forgetFrom(offset);
        references.removeIf(row -> row.offset >= offset);
        messages.subList((int) (Math.max(offset, firstOffset) - firstOffset), messages.size())
                .clear();
        nextOffset = offset;
        firstOffset = Math.min(firstOffset, nextOffset);
        lastOffsetByEpoch.replaceAll((epoch, last) -> Math.min(last, offset - 1));
    }
}
