package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.AppendResult;
import io.topicstream.log.Draft;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What the message ids of an append say: whether it may be a repeat of one that is stored, and whether it is.
///
/// An id stands for its own draft and for those behind it that have none, so that a batch may be sent again under one
/// id. Nothing here has a state or reads anything; the rows come in a [TopicAnswer].
final class Repeats {
    private Repeats() {}

    static boolean hasId(Append append) {
        List<Draft> drafts = append.drafts();
        for (int i = 0; i < drafts.size(); i++) {
            if (drafts.get(i).messageId() != null) {
                return true;
            }
        }
        return false;
    }

    static boolean givesOneIdTwice(Append append) {
        List<Draft> drafts = append.drafts();
        if (drafts.size() == 1) {
            return false;
        }
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < drafts.size(); i++) {
            String id = drafts.get(i).messageId();
            if (id != null && !seen.add(id)) {
                return true;
            }
        }
        return false;
    }

    static boolean mayBeKnown(KnownIds ids, Append append) {
        List<Draft> drafts = append.drafts();
        for (int i = 0; i < drafts.size(); i++) {
            String id = drafts.get(i).messageId();
            if (id != null && ids.mayHave(Hash64.of(append.idScope(), id))) {
                return true;
            }
        }
        return false;
    }

    /// How many messages the id of a draft stands for: its own, and those behind it that have none.
    static int countAt(List<Draft> drafts, int index) {
        int end = index + 1;
        while (end < drafts.size() && drafts.get(end).messageId() == null) {
            end++;
        }
        return end - index;
    }

    static long payloadHash(List<Draft> drafts, int from, int count) {
        long hash = 0;
        for (int i = from; i < from + count; i++) {
            hash = Hash64.then(hash, drafts.get(i).payload());
        }
        return hash;
    }

    /// What an append is to be answered because of the ids that are known, or null where none is.
    static @Nullable AppendResult resultOf(Append append, @Nullable DedupRow[] known, long nowMs, long keptMs) {
        List<Draft> drafts = append.drafts();
        DedupRow first = null;
        boolean isSame = true;
        boolean isWhole = true;
        for (int i = 0; i < drafts.size(); i++) {
            if (drafts.get(i).messageId() == null) {
                isWhole &= i > 0;
                continue;
            }
            DedupRow row = known[i];
            if (row == null || nowMs - row.timestamp() >= keptMs) {
                isWhole = false;
                continue;
            }
            if (first == null) {
                first = row;
                isSame = i == 0;
            }
            int count = countAt(drafts, i);
            isSame &= row.offset() == first.offset() + i
                    && row.count() == count
                    && row.payloadHash() == payloadHash(drafts, i, count);
        }
        if (first == null) {
            return null;
        }
        if (!isSame || !isWhole) {
            return new AppendResult.IdConflict();
        }
        return new AppendResult.Appended(
                first.epoch(), first.offset(), first.offset() + drafts.size() - 1, first.timestamp(), true);
    }
}
