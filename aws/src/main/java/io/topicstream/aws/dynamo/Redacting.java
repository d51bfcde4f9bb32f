package io.topicstream.aws.dynamo;

import io.topicstream.log.Redaction;
import io.topicstream.row.BadRowException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Takes messages back: writes each batch anew that has some of them, one after the other, and each segment.
///
/// A topic may be archived at the same time. So the rows are written first; then the head says that something was taken
/// back, and who has made a segment of the rows as they were cannot bring it in any more. What was brought in before is
/// taken back in its segment too.
final class Redacting {
    private final LogRows rows;
    private final Archive archive;
    private final LogRetention retention;

    Redacting(LogRows rows, Archive archive, LogRetention retention) {
        this.rows = rows;
        this.archive = archive;
        this.retention = retention;
    }

    /// Takes them back, as [io.topicstream.log.TopicLog#redact] says.
    ///
    /// @return the offsets of those that are kept
    List<Long> redact(String topic, Redaction redaction) {
        View view = retention.settled(topic);
        while (true) {
            BadRowException missing = null;
            try {
                List<Long> done = redact(topic, redaction, view);
                if (done != null) {
                    return done;
                }
            } catch (BadRowException e) {
                missing = e;
            }
            View now = retention.settled(topic);
            if (missing != null && now.first() <= view.first() && now.archived() <= view.archived()) {
                throw missing;
            }
            view = now;
        }
    }

    /// @return null where the topic is not as it was seen any more
    private @Nullable List<Long> redact(String topic, Redaction redaction, View view) {
        List<Long> kept = redaction.offsets().stream()
                .filter(offset -> offset >= view.first() && offset < view.next())
                .toList();
        List<Long> inRows =
                kept.stream().filter(offset -> offset >= view.archived()).toList();
        if (!redactRows(topic, redaction, inRows)) {
            return null;
        }
        long archived =
                inRows.isEmpty() ? view.archived() : rows.noteRedaction(topic).archived();
        int at = 0;
        while (at < kept.size() && kept.get(at) < archived) {
            Sealed sealed = archive.at(topic, kept.get(at));
            Set<Long> some = new HashSet<>();
            for (; at < kept.size() && kept.get(at) < sealed.next(); at++) {
                some.add(kept.get(at));
            }
            if (!archive.redact(topic, sealed, some, redaction.forgetsAuthors())) {
                return null;
            }
        }
        if (redaction.forgetsAuthors()) {
            redaction.offsets().stream()
                    .filter(offset -> offset < Math.max(archived, view.first()))
                    .forEach(offset -> forgetIds(topic, offset));
        }
        return kept;
    }

    /// @return whether all of them are taken back there
    private boolean redactRows(String topic, Redaction redaction, List<Long> offsets) {
        int at = 0;
        while (at < offsets.size()) {
            Slot slot = rows.at(topic, offsets.get(at));
            if (slot == null || slot.last() < offsets.get(at)) {
                throw TopicSlots.missing(offsets.get(at));
            }
            List<Integer> indexes = new ArrayList<>();
            int end = at;
            while (end < offsets.size() && offsets.get(end) <= slot.last()) {
                indexes.add((int) (offsets.get(end) - slot.first()));
                end++;
            }
            LogRows.Held held = slot.hasEnded() ? null : rows.held(topic, slot);
            if (held == null || held.slot().hasEnded()) {
                // It was archived meanwhile, or has ended.
                return false;
            }
            byte[] value =
                    held.value().redacted(indexes, redaction.forgetsAuthors()).toBytes();
            if (rows.rewrite(topic, held.slot(), value, false, Long.MAX_VALUE)) {
                at = end;
            }
        }
        return true;
    }

    /// The row of a batch that was archived or has ended still has the ids of its messages.
    private void forgetIds(String topic, long offset) {
        while (true) {
            Slot slot = rows.at(topic, offset);
            if (slot == null || slot.last() < offset) {
                return;
            }
            LogRows.Held held = rows.held(topic, slot);
            if (held == null) {
                return;
            }
            List<Integer> index = List.of((int) (offset - slot.first()));
            byte[] value = held.value().redacted(index, true).toBytes();
            if (rows.rewrite(topic, held.slot(), value, false, Long.MAX_VALUE)) {
                return;
            }
        }
    }
}
