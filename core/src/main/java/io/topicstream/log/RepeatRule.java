package io.topicstream.log;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The rule of repeats, the same for every engine: what an append is answered because of its message ids.
///
/// An id stands for its draft and for those behind it in the same append that have none. So an id on the
/// first of many makes the whole append repeatable, and ids on all of them make each one repeatable
/// alone. An append is a repeat if every draft of it stood behind these ids, in this order and with no
/// other message between them. If only some did, or with other contents, it is refused: no message slips
/// in twice beside one that is known.
///
/// The contents of a message are its kind, its content type, its payload and what it is about. Key and
/// headers are not: what they say about a message may differ from one attempt to the next (a trace, the
/// number of the attempt), and a publisher who tries again must not be refused for it. The first attempt's
/// are kept.
///
/// Nothing here has a state or reads anything: an engine keeps ids in its own way, and looks them up.
public final class RepeatRule {
    private RepeatRule() {}

    /// What an engine keeps of a message id.
    public interface Known {
        /// The epoch in which its message was written.
        long epoch();

        /// The offset of its message.
        long offset();

        /// The timestamp of its message, in epoch milliseconds.
        long timestamp();

        /// How many messages it stands for.
        int count();

        /// Whether the [#count] drafts from this one on have the contents of those messages.
        boolean isOf(List<Draft> drafts, int from);
    }

    /// Looks the id of a draft up.
    public interface LookUp {
        /// What is known of it, or null where it is new or has run out.
        ///
        /// @param index of a draft that has an id
        @Nullable
        Known known(int index);
    }

    /// Whether any draft has an id.
    public static boolean hasId(Append append) {
        List<Draft> drafts = append.drafts();
        for (int i = 0; i < drafts.size(); i++) {
            if (drafts.get(i).messageId() != null) {
                return true;
            }
        }
        return false;
    }

    /// Whether two drafts have the same id. Such an append is refused, whatever is known.
    public static boolean givesOneIdTwice(Append append) {
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

    /// How many messages the id of a draft stands for: its own, and those behind it that have none.
    ///
    /// @param index of a draft that has an id
    public static int countAt(List<Draft> drafts, int index) {
        int end = index + 1;
        while (end < drafts.size() && drafts.get(end).messageId() == null) {
            end++;
        }
        return end - index;
    }

    /// What an append is answered because of what is known of its ids, or null where all are new.
    ///
    /// @param append that does not give one id twice
    public static @Nullable AppendResult resultOf(Append append, LookUp lookUp) {
        List<Draft> drafts = append.drafts();
        Known first = null;
        boolean isSame = true;
        boolean isWhole = drafts.getFirst().messageId() != null;
        for (int i = 0; i < drafts.size(); i++) {
            if (drafts.get(i).messageId() == null) {
                continue;
            }
            Known known = lookUp.known(i);
            if (known == null) {
                isWhole = false;
                continue;
            }
            if (first == null) {
                first = known;
            }
            isSame = isSame
                    && known.offset() == first.offset() + i
                    && known.count() == countAt(drafts, i)
                    && known.isOf(drafts, i);
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
