package io.topicstream.aws.dynamo;

import io.topicstream.log.Message;
import io.topicstream.row.BadRowException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The batches of a topic as it was seen, wherever they stand: before the topic's mark in segments, from it on in rows.
/// There is one seam, and each message is read on one side of it only.
///
/// For one question, on one thread: it keeps the segment that was read last.
final class TopicSlots {
    private final LogRows rows;
    private final Archive archive;
    private final String topic;
    private final View view;

    private @Nullable Sealed sealed;
    private @Nullable List<Message> messages;

    TopicSlots(LogRows rows, Archive archive, String topic, View view) {
        this.rows = rows;
        this.archive = archive;
        this.topic = topic;
        this.view = view;
    }

    /// The batch that has the offset, which is kept.
    Slot at(long offset) {
        if (offset < view.archived()) {
            for (Slot slot : sealed(offset).slots()) {
                if (slot.last() >= offset) {
                    return slot;
                }
            }
        }
        Slot slot = rows.at(topic, offset);
        if (slot == null || slot.last() < offset) {
            throw missing(offset);
        }
        return slot;
    }

    /// Batches in order, from the one that has the offset on, which is kept; at least one. In rows it begins there.
    List<Slot> from(long offset, int limit) {
        if (offset < view.archived()) {
            return sealed(offset).slots().stream()
                    .filter(slot -> slot.last() >= offset)
                    .toList();
        }
        List<Slot> found = rows.from(topic, offset, limit).slots();
        if (found.isEmpty()) {
            throw missing(offset);
        }
        return found;
    }

    /// Batches, the one that has the offset first, and then those before it; at least one.
    List<Slot> upTo(long offset, int limit) {
        if (offset < view.archived()) {
            return sealed(offset).slots().reversed().stream()
                    .filter(slot -> slot.first() <= offset)
                    .toList();
        }
        List<Slot> found = rows.upTo(topic, offset, limit).slots().stream()
                .filter(slot -> slot.first() >= view.archived())
                .toList();
        if (found.isEmpty() || found.getFirst().last() < offset) {
            throw missing(offset);
        }
        return found;
    }

    /// The messages of a batch.
    List<Message> messages(Slot slot) {
        if (slot.first() < view.archived()) {
            Sealed of = sealed(slot.first());
            List<Message> all = messages;
            if (all == null) {
                all = archive.messages(topic, of);
                messages = all;
            }
            int at = Math.toIntExact(slot.first() - of.first());
            return all.subList(at, at + slot.count());
        }
        LogRows.Held held = slot.hasEnded() ? null : rows.held(topic, slot);
        if (held == null || held.slot().hasEnded()) {
            throw missing(slot.first());
        }
        return held.value().messages();
    }

    private Sealed sealed(long offset) {
        Sealed known = sealed;
        if (known == null || offset < known.first() || offset >= known.next()) {
            known = archive.at(topic, offset);
            sealed = known;
            messages = null;
        }
        return known;
    }

    static BadRowException missing(long offset) {
        return new BadRowException("message " + offset + " is missing");
    }
}
