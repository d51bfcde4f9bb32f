package io.topicstream.aws.dynamo;

import io.topicstream.log.Direction;
import io.topicstream.log.Message;
import io.topicstream.log.Page;
import io.topicstream.row.BadRowException;
import java.util.ArrayList;
import java.util.List;

/// What readers ask: pages of messages, and where a time or an epoch stands.
///
/// Every end is checked: a batch that is missing is damage and is said, never a shorter answer. But messages may be
/// missing because they ended after the topic was looked at: then the read begins again from its new front.
final class LogReads {
    private static final int MAX_ROWS = 100;

    private final LogRows rows;
    private final LogRetention retention;

    LogReads(LogRows rows, LogRetention retention) {
        this.rows = rows;
        this.retention = retention;
    }

    /// What is read from a topic as it was seen.
    private interface Reading<T> {
        T of(View view);
    }

    private <T> T read(String topic, Reading<T> reading) {
        View view = retention.settled(topic);
        while (true) {
            try {
                return reading.of(view);
            } catch (BadRowException e) {
                View now = retention.settled(topic);
                if (now.first() <= view.first()) {
                    throw e;
                }
                view = now;
            }
        }
    }

    Page page(String topic, long epoch, long from, Direction direction, int maxMessages, int maxBytes) {
        return read(topic, view -> {
            PageUnderWay page = new PageUnderWay(maxMessages, maxBytes);
            switch (direction) {
                case FORWARD -> forward(topic, view, Math.max(from, view.first()), page);
                case BACKWARD -> backward(topic, view, Math.min(from, view.next() - 1), page);
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

    private void forward(String topic, View view, long from, PageUnderWay page) {
        if (from >= view.next() || page.maxMessages <= 0) {
            return;
        }
        Slot begin = rows.at(topic, from);
        long expected = from;
        List<Slot> slots = begin == null ? List.of() : List.of(begin);
        while (true) {
            for (Slot slot : slots) {
                if (slot.first() > expected || slot.last() < expected) {
                    throw missing(expected);
                }
                for (Message message : messages(topic, slot)) {
                    if (message.offset() >= expected && message.offset() < view.next() && !page.add(message)) {
                        return;
                    }
                }
                expected = slot.last() + 1;
            }
            if (expected >= view.next()) {
                return;
            }
            slots = rows.from(topic, expected, page.rows()).slots();
            if (slots.isEmpty()) {
                throw missing(expected);
            }
        }
    }

    private void backward(String topic, View view, long from, PageUnderWay page) {
        if (from < view.first() || page.maxMessages <= 0) {
            return;
        }
        long expected = from;
        while (expected >= view.first()) {
            List<Slot> slots = rows.upTo(topic, expected, page.rows()).slots();
            if (slots.isEmpty()) {
                throw missing(expected);
            }
            for (Slot slot : slots) {
                if (slot.first() > expected || slot.last() < expected) {
                    throw missing(expected);
                }
                for (Message message : messages(topic, slot).reversed()) {
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

    private List<Message> messages(String topic, Slot slot) {
        LogRows.Held held = slot.hasEnded() ? null : rows.held(topic, slot);
        if (held == null || held.slot().hasEnded()) {
            throw missing(slot.first());
        }
        return held.value().messages();
    }

    private static BadRowException missing(long offset) {
        return new BadRowException("message " + offset + " is missing");
    }

    /// What holds for no batch, then for all.
    private interface Test {
        boolean holds(Slot slot);
    }

    /// The offset of the first message of the first batch for which the test holds; the next offset where it holds
    /// for none. A binary search, one call a step.
    private long first(String topic, View view, Test test) {
        long low = view.first();
        long high = view.next();
        while (low < high) {
            long middle = low + (high - low) / 2;
            Slot slot = rows.at(topic, middle);
            if (slot == null || slot.last() < middle) {
                throw missing(middle);
            }
            if (test.holds(slot)) {
                high = Math.max(low, slot.first());
            } else {
                low = slot.last() + 1;
            }
        }
        return Math.min(low, view.next());
    }

    long offsetAt(String topic, long timestamp) {
        return read(topic, view -> first(topic, view, slot -> slot.timestamp() >= timestamp));
    }

    long lastOffsetIn(String topic, long epoch) {
        return read(topic, view -> {
            Slot newest = view.newest();
            if (newest == null) {
                return 0L;
            }
            if (newest.epoch() <= epoch) {
                return view.next() - 1;
            }
            long after = first(topic, view, slot -> slot.epoch() > epoch);
            return after > view.first() || view.epochBefore() <= epoch ? after - 1 : 0L;
        });
    }
}
