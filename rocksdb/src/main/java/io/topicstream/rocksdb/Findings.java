package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.row.Hash64;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the writer knows for the parked items of a topic until it is through with them: a reader's answer,
/// and which ids were written since.
///
/// Owned by the writer.
final class Findings {
    private final TopicAnswer answer;

    /// Hashes of ids of which the answer cannot know; null until there is one.
    private @Nullable Set<Long> written;

    Findings(TopicAnswer answer) {
        this.answer = answer;
    }

    /// The known row for each draft of the append, or null where the store must be asked (again).
    @Nullable
    DedupRow @Nullable [] rowsOf(Append append) {
        @Nullable DedupRow[] rows = answer.rows().get(append);
        Set<Long> since = written;
        if (rows == null || since == null) {
            return rows;
        }
        List<Draft> drafts = append.drafts();
        for (int i = 0; i < drafts.size(); i++) {
            String id = drafts.get(i).messageId();
            if (id != null && since.contains(Hash64.of(append.idScope(), id))) {
                return null;
            }
        }
        return rows;
    }

    void wrote(long idHash) {
        if (answer.rows().isEmpty()) {
            return;
        }
        Set<Long> since = written;
        if (since == null) {
            since = new HashSet<>();
            written = since;
        }
        since.add(idHash);
    }

    /// Whether the answer is about a trim up to this offset.
    boolean isAboutTrim(long before) {
        return answer.question().trimBefore() == Math.max(1, before);
    }

    /// The rows that were found for a command that takes messages back; null where the store must be asked
    /// (again).
    @SuppressWarnings("ReferenceEquality") // a command is no other one
    @Nullable
    List<Redacting.Row> batchesOf(Command.Redact redact) {
        Redacting asked = answer.question().redacting();
        return asked == null || asked.command() != redact ? null : answer.batches();
    }

    /// The epoch of the last message that the trim takes; 0 where the store had none.
    long trimmedEpoch() {
        return answer.trimmedEpoch();
    }
}
