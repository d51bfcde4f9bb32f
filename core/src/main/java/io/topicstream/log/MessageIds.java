package io.topicstream.log;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The message ids that one topic remembers, each with what it stood for.
///
/// An id stands for its message and for those without one that follow it in the same append. So an
/// id on the first of many makes the whole append repeatable, ids on all of them make each one
/// repeatable alone, and no message can slip in twice beside one that is known: an append is a
/// repeat if every message of it stood behind these ids, in this order and with no other between
/// them; if only some did it is refused.
///
/// Owned by the log's thread.
final class MessageIds {
    private static final int HASH_BYTES = 16;

    /// Insertion order is the order of timestamps, so what is to be forgotten stands in front.
    private final Map<Id, Copy> copies = new LinkedHashMap<>();

    private record Id(String scope, String messageId) {}

    /// @param count of messages that the id stands for
    /// @param hash of their payloads
    private record Copy(long epoch, long offset, long timestamp, int count, byte[] hash) {}

    /// What an append is to be answered because of its ids, or null where they are all new.
    @Nullable
    AppendResult resultOf(Append append) {
        List<Draft> drafts = append.drafts();
        Set<String> seen = new HashSet<>();
        int known = 0;
        int covered = 0;
        boolean same = true;
        Copy first = null;
        for (int i = 0; i < drafts.size(); i++) {
            String messageId = drafts.get(i).messageId();
            if (messageId == null) {
                continue;
            }
            if (!seen.add(messageId)) {
                return new AppendResult.IdConflict();
            }
            Copy copy = copies.get(new Id(append.idScope(), messageId));
            if (copy == null) {
                continue;
            }
            int count = countAt(drafts, i);
            known++;
            covered += count;
            if (first == null) {
                first = copy;
                same = i == 0;
            }
            same &= copy.offset == first.offset + i
                    && copy.count == count
                    && Arrays.equals(copy.hash, hash(drafts, i, count));
        }
        if (first == null) {
            return null;
        }
        if (!same || known < seen.size() || covered < drafts.size()) {
            return new AppendResult.IdConflict();
        }
        return new AppendResult.Appended(
                first.epoch, first.offset, first.offset + drafts.size() - 1, first.timestamp, true);
    }

    /// Remembers the ids of an append that takes its place now.
    void remember(Append append, long epoch, long firstOffset, long timestamp) {
        List<Draft> drafts = append.drafts();
        for (int i = 0; i < drafts.size(); i++) {
            String messageId = drafts.get(i).messageId();
            if (messageId != null) {
                int count = countAt(drafts, i);
                copies.put(
                        new Id(append.idScope(), messageId),
                        new Copy(epoch, firstOffset + i, timestamp, count, hash(drafts, i, count)));
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

    /// Forgets the ids of messages at and after the offset: they were lost.
    void forgetFrom(long offset) {
        copies.values().removeIf(copy -> copy.offset + copy.count > offset);
    }

    private static int countAt(List<Draft> drafts, int index) {
        int end = index + 1;
        while (end < drafts.size() && drafts.get(end).messageId() == null) {
            end++;
        }
        return end - index;
    }

    private static byte[] hash(List<Draft> drafts, int from, int count) {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java platform has SHA-256", e);
        }
        for (int i = from; i < from + count; i++) {
            byte[] payload = drafts.get(i).payload();
            // With the length in front, two payloads never read like one.
            for (int shift = 24; shift >= 0; shift -= 8) {
                digest.update((byte) (payload.length >>> shift));
            }
            digest.update(payload);
        }
        return Arrays.copyOf(digest.digest(), HASH_BYTES);
    }
}
