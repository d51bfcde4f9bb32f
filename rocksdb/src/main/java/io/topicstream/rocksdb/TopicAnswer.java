package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A reader's answer about a topic.
///
/// @param tail as the question wanted it; else [TopicTail#NONE]
/// @param ids the hashes of the topic's message ids, where they were wanted; else null
/// @param rows for each append of the question, the known row of each draft, or null
/// @param trimmedEpoch in which the last message that the trim takes was written; 0 where the store has none
/// @param batches the rows of messages that are to be taken back
/// @param failure why it could not be read; null where it was
record TopicAnswer(
        TopicQuestion question,
        TopicTail tail,
        @Nullable KnownIds ids,
        IdentityHashMap<Append, @Nullable DedupRow[]> rows,
        long trimmedEpoch,
        List<Redacting.Row> batches,
        @Nullable Throwable failure)
        implements Found {
    @Override
    public Life life() {
        return question.life();
    }
}
