package io.topicstream.migration;

import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/// Whether topics of two stores are the same: each message, its epoch, and the ids that are remembered. Batches may be
/// cut otherwise. Thread-safe.
final class Comparison {
    private final StoreExport from;
    private final StoreExport to;
    private final long forgottenMs;
    private final LongConsumer onMessages;
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong largeMessages = new AtomicLong();

    /// @param forgottenMs ids of messages up to this timestamp are not compared
    /// @param onMessages is told of how many more messages are the same
    Comparison(StoreExport from, StoreExport to, long forgottenMs, LongConsumer onMessages) {
        this.from = from;
        this.to = to;
        this.forgottenMs = forgottenMs;
        this.onMessages = onMessages;
    }

    long ids() {
        return ids.get();
    }

    long largeMessages() {
        return largeMessages.get();
    }

    void sameStands(List<TopicStand> ours, List<TopicStand> theirs) {
        for (int i = 0; i < ours.size(); i++) {
            TopicName topic = ours.get(i).topic();
            TopicStand other = i < theirs.size() ? theirs.get(i) : null;
            if (other == null || other.topic().value().compareTo(topic.value()) > 0) {
                throw new MigrationException("topic " + topic + " is not in the new store");
            }
            if (!other.topic().equals(topic)) {
                throw new MigrationException("topic " + other.topic() + " is in the new store, and not in the old one");
            }
            if (!other.equals(ours.get(i))) {
                throw new MigrationException("topic " + topic + " has " + said(ours.get(i)) + " in the old store, and "
                        + said(other) + " in the new one");
            }
        }
    }

    private static String said(TopicStand stand) {
        return "the offsets " + stand.firstOffset() + " to " + (stand.nextOffset() - 1) + " (epoch "
                + stand.epochBefore() + " before, last at " + stand.lastTimestamp() + ")";
    }

    void sameContents(TopicStand topic) {
        Ids ours = new Ids();
        Ids theirs = new Ids();
        from.endedIds(topic, forgottenMs, ours::add);
        to.endedIds(topic, forgottenMs, theirs::add);
        if (!topic.isEmpty()) {
            try (BatchReader mine = from.batches(topic, topic.firstOffset(), forgottenMs);
                    BatchReader other = to.batches(topic, topic.firstOffset(), forgottenMs)) {
                sameMessages(topic.topic(), new Walk(mine, ours), new Walk(other, theirs));
            }
        }
        if (ours.count != theirs.count || ours.sum != theirs.sum) {
            throw new MigrationException("topic " + topic.topic() + " remembers " + ours.count
                    + " message ids in the old store, and " + theirs.count + " in the new one, or other ones");
        }
        ids.addAndGet(ours.count);
    }

    private void sameMessages(TopicName topic, Walk mine, Walk other) {
        long untold = 0;
        while (true) {
            Message message = mine.next();
            Message same = other.next();
            if (message == null && same == null) {
                onMessages.accept(untold);
                return;
            }
            if (message == null || !message.equals(same) || mine.epoch() != other.epoch()) {
                Message shown = message == null ? same : message;
                throw new MigrationException("topic " + topic + ": message " + (shown == null ? 0 : shown.offset())
                        + " is not in the new store as in the old one");
            }
            if (message.jsonBytes() > Migration.FRAME_BYTES) {
                largeMessages.incrementAndGet();
            }
            if (++untold == 1_000) {
                onMessages.accept(untold);
                untold = 0;
            }
        }
    }

    /// A message after the other.
    private static final class Walk {
        private final BatchReader batches;
        private final Ids ids;
        private @Nullable CopiedBatch batch;
        private int at;

        Walk(BatchReader batches, Ids ids) {
            this.batches = batches;
            this.ids = ids;
        }

        @Nullable
        Message next() {
            CopiedBatch now = batch;
            if (now == null || at == now.messages().size()) {
                now = batches.next();
                batch = now;
                at = 0;
                if (now == null) {
                    return null;
                }
                now.ids().forEach(ids::add);
            }
            return now.messages().get(at++);
        }

        /// Of the message that was last.
        long epoch() {
            CopiedBatch now = batch;
            return now == null ? 0 : now.epoch();
        }
    }

    /// Ids in any order.
    private static final class Ids {
        private long count;
        private long sum;

        void add(KnownId id) {
            count++;
            long mixed = id.hashCode() * 0x9E3779B97F4A7C15L + id.contents().hashCode();
            long names = id.messageId().hashCode() + ((long) id.scope().hashCode() << 32);
            sum += (mixed * 0xBF58476D1CE4E5B9L) ^ names;
        }
    }
}
