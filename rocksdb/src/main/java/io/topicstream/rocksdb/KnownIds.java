package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.Draft;
import io.topicstream.row.Hash64;
import java.util.List;

/// The hashes of all message ids that a topic has in the family `dedup`, so that an id that is new, as nearly
/// all are, needs no look at the store. A hash that is in it says only that the store must be asked.
///
/// When there are more than fit, it is *incomplete* and holds nothing: then the store is asked for every id.
/// Owned by the writer.
final class KnownIds {
    /// The most hashes that are held for one topic.
    static final int MAX = 16_384;

    private static final int FIRST_SLOTS = 16;

    private long[] slots = new long[FIRST_SLOTS];
    private int size;
    private boolean complete = true;
    private boolean hasZero;

    boolean isComplete() {
        return complete;
    }

    int slots() {
        return slots.length;
    }

    /// Whether the store may have it.
    boolean mayHave(long hash) {
        if (!complete) {
            return true;
        }
        if (hash == 0) {
            return hasZero;
        }
        int mask = slots.length - 1;
        for (int i = (int) hash & mask; slots[i] != 0; i = (i + 1) & mask) {
            if (slots[i] == hash) {
                return true;
            }
        }
        return false;
    }

    /// Whether the store may have an id of the append.
    boolean mayHaveOneOf(Append append) {
        List<Draft> drafts = append.drafts();
        for (int i = 0; i < drafts.size(); i++) {
            String id = drafts.get(i).messageId();
            if (id != null && mayHave(Hash64.of(append.idScope(), id))) {
                return true;
            }
        }
        return false;
    }

    void add(long hash) {
        if (!complete) {
            return;
        }
        if (hash == 0) {
            hasZero = true;
            return;
        }
        if (size >= MAX) {
            giveUp();
            return;
        }
        if (2 * (size + 1) > slots.length) {
            long[] before = slots;
            slots = new long[2 * before.length];
            for (long each : before) {
                if (each != 0) {
                    place(each);
                }
            }
        }
        if (place(hash)) {
            size++;
        }
    }

    private boolean place(long hash) {
        int mask = slots.length - 1;
        int i = (int) hash & mask;
        while (slots[i] != 0) {
            if (slots[i] == hash) {
                return false;
            }
            i = (i + 1) & mask;
        }
        slots[i] = hash;
        return true;
    }

    void giveUp() {
        complete = false;
        slots = new long[0];
        size = 0;
    }
}
