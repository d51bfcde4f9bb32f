package io.topicstream.log;

import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The message ids that one topic of the [InMemoryLog] remembers, each with what it stood for. What follows from
/// them is said by the [RepeatRule].
///
/// Owned by the log's thread.
final class MessageIds {
    /// Insertion order is the order of timestamps, so what is to be forgotten stands in front.
    private final Map<Id, Copy> copies = new LinkedHashMap<>();

    private record Id(String scope, String messageId) {}

    /// @param count of messages that the id stands for
    /// @param hash of what [RepeatRule] compares of them
    private record Copy(long epoch, long offset, long timestamp, int count, byte[] hash) implements RepeatRule.Known {
        @Override
        public boolean isOf(List<Draft> drafts, int from) {
            return Arrays.equals(hash, ContentHash.of(drafts, from, count));
        }
    }

    /// What an append is to be answered because of its ids, or null where they are all new.
    @Nullable
    AppendResult resultOf(Append append) {
        if (!RepeatRule.hasId(append)) {
            return null;
        }
        if (RepeatRule.givesOneIdTwice(append)) {
            return new AppendResult.IdConflict();
        }
        return RepeatRule.resultOf(append, index -> {
            String messageId = append.drafts().get(index).messageId();
            return messageId == null ? null : copies.get(new Id(append.idScope(), messageId));
        });
    }

    /// Remembers the ids of an append that takes its place now.
    void remember(Append append, long epoch, long firstOffset, long timestamp) {
        List<Draft> drafts = append.drafts();
        for (int i = 0; i < drafts.size(); i++) {
            String messageId = drafts.get(i).messageId();
            if (messageId != null) {
                int count = RepeatRule.countAt(drafts, i);
                copies.put(
                        new Id(append.idScope(), messageId),
                        new Copy(epoch, firstOffset + i, timestamp, count, ContentHash.of(drafts, i, count)));
            }
        }
    }

    /// Forgets the ids of messages with timestamps up to this one.
    void forgetUpTo(long timestamp) {
        Iterator<Copy> oldest = copies.values().iterator();
        while (oldest.hasNext() && oldest.next().timestamp <= timestamp) {
            oldest.remove();
        }
    }

    /// Forgets the id of one message.
    void forget(String scope, String messageId, long offset) {
        copies.computeIfPresent(new Id(scope, messageId), (_, copy) -> copy.offset == offset ? null : copy);
    }

    /// Forgets the ids of messages at and after the offset: they were lost.
    void forgetFrom(long offset) {
        copies.values().removeIf(copy -> copy.offset + copy.count > offset);
    }
}
