package io.topicstream.rocksdb;

import io.topicstream.log.TopicName;
import java.util.ArrayDeque;

/// Which topics are held in memory: a bounded number of those that nobody follows and that have nothing in flight.
///
/// The entries themselves stand in the [Life], where anybody may look. Owned by the writer.
final class TopicEntries {
    /// Of all [KnownIds] together; 8 bytes each.
    private static final int MAX_ID_SLOTS = 4 << 20;

    /// How many entries are looked at for each that is made.
    private static final int LOOKS = 8;

    private final int maxIdle;
    private final ArrayDeque<TopicEntry> candidates = new ArrayDeque<>();
    private int idSlots;

    /// @param maxIdle above which idle ones are forgotten
    TopicEntries(int maxIdle) {
        this.maxIdle = maxIdle;
    }

    /// A life begins, with no entries.
    void begin() {
        candidates.clear();
        idSlots = 0;
    }

    /// The topic's entry, made where there is none.
    TopicEntry of(Turn turn, TopicName topic) {
        TopicEntry entry = turn.life.entries.get(topic.value());
        return entry == null ? newEntry(turn, topic) : entry;
    }

    private TopicEntry newEntry(Turn turn, TopicName topic) {
        TopicEntry entry = new TopicEntry(topic);
        turn.life.entries.put(topic.value(), entry);
        if (!turn.life.looked.isEmpty()) {
            turn.life.looked.remove(topic.value());
        }
        candidates.add(entry);
        forgetSome(turn);
        return entry;
    }

    /// Forgets entries that were not used since the last look, have nothing in flight and no listener.
    private void forgetSome(Turn turn) {
        int looks = LOOKS;
        while (candidates.size() > maxIdle && looks-- > 0) {
            TopicEntry entry = candidates.remove();
            if (!entry.used && entry.isIdle() && turn.isTold(entry.lastGroup)) {
                forget(turn.life, entry);
            } else {
                entry.used = false;
                candidates.add(entry);
            }
        }
    }

    private void forget(Life life, TopicEntry entry) {
        life.entries.remove(entry.topic.value(), entry);
        KnownIds ids = entry.ids;
        if (ids != null) {
            idSlots -= ids.slots();
        }
    }

    /// Forgets an entry whose topic could not be read.
    void forgetUnread(Life life, TopicEntry entry) {
        forget(life, entry);
        candidates.remove(entry);
    }

    /// Counts what a topic's known ids take. Where all together take too much, those of a topic with many are
    /// given up.
    ///
    /// @param before how many slots they had when they were counted last
    void countIdSlots(KnownIds ids, int before) {
        idSlots += ids.slots() - before;
        if (idSlots > MAX_ID_SLOTS && ids.isComplete() && ids.slots() > 1024) {
            idSlots -= ids.slots();
            ids.giveUp();
        }
    }
}
