package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.BadSegmentException;
import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.log.Reference;
import io.topicstream.row.BadRowException;
import java.util.ArrayList;
import java.util.List;

/// What readers ask: pages of messages, and where a time or an epoch stands.
///
/// Every end is checked: a batch that is missing is damage and is said, never a shorter answer. But messages may be
/// missing because they ended after the topic was looked at, or were archived: then the read begins again.
final class LogReads {
    private static final int MAX_ROWS = 100;

    private final LogRows rows;
    private final Archive archive;
    private final LogRetention retention;

    LogReads(LogRows rows, Archive archive, LogRetention retention) {
        this.rows = rows;
        this.archive = archive;
        this.retention = retention;
    }

    /// What is read from a topic as it was seen.
    private interface Reading<T> {
        T of(View view, TopicSlots slots);
    }

    private <T> T read(String topic, Reading<T> reading) {
        View view = retention.settled(topic);
        while (true) {
            try {
                return reading.of(view, new TopicSlots(rows, archive, topic, view));
            } catch (BadRowException | BadSegmentException e) {
                View now = retention.settled(topic);
                if (now.first() <= view.first() && now.archived() <= view.archived()) {
                    throw e;
                }
                view = now;
            }
        }
    }

    Page page(String topic, long epoch, long from, Direction direction, int maxMessages, int maxBytes) {
        return read(topic, (view, slots) -> {
            PageUnderWay page = new PageUnderWay(maxMessages, maxBytes);
            switch (direction) {
                case FORWARD -> forward(slots, view, Math.max(from, view.first()), page);
                case BACKWARD -> backward(slots, view, Math.min(from, view.next() - 1), page);
            }
            return new Page(view.extent(epoch), page.inOrder(direction));
        });
    }

    /// Messages as they are taken, up to the page's bounds.
    private static final class PageUnderWay {
        private final int maxMessages;
        private final int maxBytes;
        private final List<Message> messages = new ArrayList<>();
        private long bytes;

        PageUnderWay(int maxMessages, int maxBytes) {
            this.maxMessages = maxMessages;
            this.maxBytes = maxBytes;
        }

        /// @return whether there is room for more
        boolean add(Message message) {
            bytes += message.sizeBytes();
            if (messages.size() >= maxMessages || (!messages.isEmpty() && bytes > maxBytes)) {
                return false;
            }
            messages.add(message);
            return messages.size() < maxMessages;
        }

        int rows() {
            return Math.clamp(maxMessages - messages.size() + 1L, 1, MAX_ROWS);
        }

        List<Message> inOrder(Direction direction) {
            return List.copyOf(direction == Direction.FORWARD ? messages : messages.reversed());
        }
    }

    private static void forward(TopicSlots slots, View view, long from, PageUnderWay page) {
        if (from >= view.next() || page.maxMessages <= 0) {
            return;
        }
        long expected = from;
        List<Slot> some = List.of(slots.at(from));
        while (true) {
            for (Slot slot : some) {
                if (slot.first() > expected || slot.last() < expected) {
                    throw TopicSlots.missing(expected);
                }
                for (Message message : slots.messages(slot)) {
                    if (message.offset() >= expected && message.offset() < view.next() && !page.add(message)) {
                        return;
                    }
                }
                expected = slot.last() + 1;
                if (expected >= view.next()) {
                    return;
                }
            }
            some = slots.from(expected, page.rows());
        }
    }

    private static void backward(TopicSlots slots, View view, long from, PageUnderWay page) {
        if (page.maxMessages <= 0) {
            return;
        }
        long expected = from;
        while (expected >= view.first()) {
            for (Slot slot : slots.upTo(expected, page.rows())) {
                if (slot.first() > expected || slot.last() < expected) {
                    throw TopicSlots.missing(expected);
                }
                for (Message message : slots.messages(slot).reversed()) {
                    if (message.offset() <= expected && message.offset() >= view.first() && !page.add(message)) {
                        return;
                    }
                }
                expected = slot.first() - 1;
                if (expected < view.first()) {
                    return;
                }
            }
        }
    }

    /// What holds for no batch, then for all.
    private interface Test {
        boolean holds(Slot slot);
    }

    /// The offset of the first message of the first batch for which the test holds; the next offset where it holds
    /// for none. A binary search, one call a step.
    private static long first(TopicSlots slots, View view, Test test) {
        long low = view.first();
        long high = view.next();
        while (low < high) {
            long middle = low + (high - low) / 2;
            Slot slot = slots.at(middle);
            if (test.holds(slot)) {
                high = Math.max(low, slot.first());
            } else {
                low = slot.last() + 1;
            }
        }
        return Math.min(low, view.next());
    }

    long offsetAt(String topic, long timestamp) {
        return read(topic, (view, slots) -> first(slots, view, slot -> slot.timestamp() >= timestamp));
    }

    long lastOffsetIn(String topic, long epoch) {
        return read(topic, (view, slots) -> {
            Slot newest = view.newest();
            if (newest == null) {
                return 0L;
            }
            if (newest.epoch() <= epoch) {
                return view.next() - 1;
            }
            long after = first(slots, view, slot -> slot.epoch() > epoch);
            return after > view.first() || view.head().epochBefore() <= epoch ? after - 1 : 0L;
        });
    }

    List<Reference> references(ReferenceRows references, String topic, long from, long to, int most) {
        return read(topic, (view, slots) -> references.find(topic, view, slots, from, to, most));
    }
}
