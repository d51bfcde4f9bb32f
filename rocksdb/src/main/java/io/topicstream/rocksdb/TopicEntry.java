package io.topicstream.rocksdb;

import io.topicstream.log.Append;
import io.topicstream.log.Retention;
import io.topicstream.log.TopicName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import org.jspecify.annotations.Nullable;

/// What is held in memory of a topic while somebody appends to it or listens: a small object in a bounded cache. A
/// topic without one costs nothing; everything here can be read from the store again.
///
/// Each field has one owner, named above it. `id`, `durableFirst` and `durableNext` are read by everybody.
final class TopicEntry {
    final TopicName topic;

    // ---- owned by the writer

    /// The offset that the next message gets. Ahead of `durableNext` by what is not synced yet.
    long next = 1;

    long first = 1;
    long lastTimestamp;

    /// The sum of the lengths of its rows, as the next one goes on with it: [BatchRow].
    long bytes;

    /// What is kept of it; and above which next offset, and which sum of bytes, there may be too much: then it is
    /// looked at, unless that was asked already.
    Retention retention = Retention.FOREVER;

    long askAtNext = Retention.UNLIMITED;
    long askAtBytes = Retention.UNLIMITED;
    boolean isCutAsked;

    /// Null until the first append with a message id asks for them.
    @Nullable
    KnownIds ids;

    Followers listeners = Followers.NONE;

    /// Whether a reader is at work for this entry; everything for the topic is parked until it is done.
    boolean waiting;

    /// What waits, in order.
    @Nullable
    ArrayDeque<Parked> parked;

    /// What the last reader found out for the parked ones.
    @Nullable
    Findings found;

    /// The appends to this topic in the group that is being made; null outside of it.
    @Nullable
    ArrayList<Append> pending;

    int pendingCount;

    /// The number of the last group that has anything of this entry.
    long lastGroup;

    /// Whether it was used since the cache last looked for one to let go.
    boolean used;

    /// Whether the store may show something of it that was never synced: then the entry, which knows how far it was,
    /// is kept. Set when the life ends.
    boolean mayBeUnsynced;

    // ---- owned by a round of LogSync

    /// The listeners as of the last group that is durable.
    Followers followers = Followers.NONE;

    // ---- written by the writer, read by all

    /// 0 while the topic has never been written to.
    volatile long id;

    /// The messages before it have ended: by retention, which is not waited for until it is durable.
    volatile long endedBefore = 1;

    /// Whether the row was read, so that the other fields are true.
    volatile boolean loaded;

    // ---- written by a round of LogSync (and by the writer when it loads the entry), read by all

    volatile long durableNext = 1;
    volatile long durableFirst = 1;

    TopicEntry(TopicName topic) {
        this.topic = topic;
    }

    void park(Parked item) {
        ArrayDeque<Parked> items = parked;
        if (items == null) {
            items = new ArrayDeque<>(4);
            parked = items;
        }
        items.add(item);
    }

    boolean hasParked() {
        ArrayDeque<Parked> items = parked;
        return items != null && !items.isEmpty();
    }

    /// Takes over what the store says.
    void load(TopicTail tail) {
        id = tail.id();
        next = tail.nextOffset();
        first = tail.firstOffset();
        lastTimestamp = tail.timestamp();
        bytes = tail.bytes();
        durableFirst = tail.firstOffset();
        durableNext = tail.nextOffset();
        loaded = true;
    }

    /// The first offset that is there for readers.
    long firstToSee() {
        return Math.max(durableFirst, endedBefore);
    }

    /// Whether nobody listens and nothing waits or is in the making. What is not told yet is another question.
    boolean isIdle() {
        return !waiting && !hasParked() && pending == null && listeners.isEmpty() && !mayBeUnsynced;
    }

    /// Whether nothing is in the way of what comes next, so that it need not be parked.
    boolean isFree() {
        return !waiting && !hasParked() && loaded;
    }
}
