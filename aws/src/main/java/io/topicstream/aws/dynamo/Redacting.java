package io.topicstream.aws.dynamo;

import io.topicstream.log.Redaction;
import io.topicstream.row.BadRowException;
import java.util.ArrayList;
import java.util.List;

/// Takes messages back: writes each batch anew that has some of them, one after the other.
final class Redacting {
    private final LogRows rows;
    private final LogRetention retention;

    Redacting(LogRows rows, LogRetention retention) {
        this.rows = rows;
        this.retention = retention;
    }

    /// Takes them back, as [io.topicstream.log.TopicLog#redact] says.
    ///
    /// @return the offsets of those that are kept
    List<Long> redact(String topic, Redaction redaction) {
        View view = retention.settled(topic);
        List<Long> kept = redaction.offsets().stream()
                .filter(offset -> offset >= view.first() && offset < view.next())
                .toList();
        List<Long> done = new ArrayList<>();
        int at = 0;
        while (at < kept.size()) {
            Slot slot = rows.at(topic, kept.get(at));
            if (slot == null || slot.last() < kept.get(at)) {
                throw new BadRowException("message " + kept.get(at) + " is missing");
            }
            List<Integer> indexes = new ArrayList<>();
            int end = at;
            while (end < kept.size() && kept.get(end) <= slot.last()) {
                indexes.add((int) (kept.get(end) - slot.first()));
                end++;
            }
            if (slot.hasEnded()) {
                at = end;
                continue;
            }
            LogRows.Held held = rows.held(topic, slot);
            if (held == null || held.slot().hasEnded()) {
                at = end;
                continue;
            }
            byte[] value =
                    held.value().redacted(indexes, redaction.forgetsAuthors()).toBytes();
            if (rows.rewrite(topic, held.slot(), value, false, Long.MAX_VALUE)) {
                done.addAll(kept.subList(at, end));
                at = end;
            }
        }
        return List.copyOf(done);
    }
}
