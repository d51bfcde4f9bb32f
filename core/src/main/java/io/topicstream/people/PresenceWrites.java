package io.topicstream.people;

import io.topicstream.log.Backoff;
import io.topicstream.log.Deadlines;
import io.topicstream.log.LogLimit;
import io.topicstream.log.Signals;
import io.topicstream.log.Timers;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;
import io.topicstream.state.StateStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/// Writes what this node has of topics where other nodes read it, and tells them. Owned by the thread of the presence.
///
/// A topic's changes are written in rounds. A record in the index is there before the first entry and until the last
/// one is gone, so what the index does not name is nowhere. A round writes entries, then the index with the number of
/// the change, then says it: so what is heard can be read, and who reads the number has all up to it. What changes
/// during a round is of the next; a change that was undone by then is not written at all.
///
/// Nothing is written before there is another node.
final class PresenceWrites {
    /// How many topics are in a round at once.
    static final int MOST_TOPICS = 32;
    /// How many entries a round writes at most.
    static final int MOST_ENTRIES = 256;
    /// How long the changes in one signal may be, in bytes.
    private static final int SIGNAL_BYTES = 16 * 1024;

    private static final System.Logger LOGGER = System.getLogger(PresenceWrites.class.getName());

    private final StateStore store;
    private final Signals signals;
    private final PresenceNodes nodes;
    private final Deadlines deadlines;
    private final Timers timers;
    private final RandomGenerator random;
    private final LogLimit logLimit;
    private final Consumer<PresentTopic> onRest;
    private final ArrayDeque<PresentTopic> waiting = new ArrayDeque<>();
    private int rounds;
    private long lastChange;
    private boolean isOn;

    /// @param onRest told of each topic of which nothing is left to be written
    PresenceWrites(
            StateStore store,
            Signals signals,
            PresenceNodes nodes,
            Deadlines deadlines,
            Timers timers,
            RandomGenerator random,
            LogLimit logLimit,
            Consumer<PresentTopic> onRest) {
        this.store = store;
        this.signals = signals;
        this.nodes = nodes;
        this.deadlines = deadlines;
        this.timers = timers;
        this.random = random;
        this.logLimit = logLimit;
        this.onRest = onRest;
    }

    /// Writes from now on, first all that there is. Without effect the second time.
    void begin(Collection<PresentTopic> topics) {
        if (!isOn) {
            isOn = true;
            writeAll(topics);
        }
    }

    /// Writes all that there is again: what was written so far does not count any more.
    void writeAgain(Collection<PresentTopic> topics) {
        if (isOn) {
            writeAll(topics);
        }
    }

    private void writeAll(Collection<PresentTopic> topics) {
        for (PresentTopic topic : topics) {
            topic.isIndexed = false;
            topic.lastChange = 0;
            topic.noteAllToWrite();
            enqueue(topic);
        }
        pump();
    }

    /// A member of the topic has changed.
    void changed(PresentTopic topic, String member) {
        if (isOn) {
            topic.noteToWrite(member);
            enqueue(topic);
            pump();
        }
    }

    /// Whether nothing is left to be written of it.
    static boolean isAtRest(PresentTopic topic) {
        return !topic.isBeingWritten && !topic.isWaitingToBeWritten && !topic.hasToWrite();
    }

    private void enqueue(PresentTopic topic) {
        if (!topic.isBeingWritten && !topic.isWaitingToBeWritten) {
            topic.isWaitingToBeWritten = true;
            waiting.add(topic);
        }
    }

    private void pump() {
        while (rounds < MOST_TOPICS && !waiting.isEmpty() && nodes.isLeased()) {
            PresentTopic topic = waiting.remove();
            topic.isWaitingToBeWritten = false;
            topic.isBeingWritten = true;
            rounds++;
            new Round(topic).begin();
        }
    }

    /// Goes on where it waited for the lease.
    void onLooked() {
        pump();
    }

    /// One round of one topic.
    private final class Round {
        private final PresentTopic topic;
        private final String node = nodes.own();
        private final List<PresenceRecords.Change> changes;

        Round(PresentTopic topic) {
            this.topic = topic;
            this.changes = topic.takeToWrite(MOST_ENTRIES);
        }

        void begin() {
            if (topic.isIndexed || topic.isEmpty()) {
                writeEntries();
            } else {
                then(putIndex(topic.index(topic.lastChange)), () -> {
                    topic.isIndexed = true;
                    writeEntries();
                });
            }
        }

        private CompletionStage<?> putIndex(PresenceRecords.Index index) {
            return store.put(
                    PresenceRecords.INDEX,
                    PresenceRecords.key(topic.name().value(), node),
                    index.encode(),
                    StateStore.ANY_VERSION,
                    StateStore.NEVER);
        }

        private void writeEntries() {
            String partition = PresenceRecords.entries(topic.name());
            List<CompletableFuture<?>> all = new ArrayList<>(changes.size());
            for (PresenceRecords.Change change : changes) {
                String key = PresenceRecords.key(change.member(), node);
                PresenceEntry entry = change.entry();
                all.add((entry == null
                                ? store.delete(partition, key, StateStore.ANY_VERSION)
                                : store.put(partition, key, entry.encode(), StateStore.ANY_VERSION, StateStore.NEVER))
                        .toCompletableFuture());
            }
            then(CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)), this::writeIndex);
        }

        private void writeIndex() {
            List<Signal.MembersChanged> told = told();
            boolean isLast = topic.isEmpty() && !topic.hasToWrite();
            CompletionStage<?> written = isLast
                    ? store.delete(
                            PresenceRecords.INDEX,
                            PresenceRecords.key(topic.name().value(), node),
                            StateStore.ANY_VERSION)
                    : putIndex(topic.index(lastChange));
            then(written, () -> {
                if (isLast) {
                    topic.isIndexed = false;
                }
                for (Signal.MembersChanged each : told) {
                    topic.lastChange = each.change();
                    // One that is lost is missed by its number.
                    var _ = signals.signal(SystemTopics.ofPresence(topic.name()), each.encode());
                }
                topic.failedWrites = 0;
                end();
            });
        }

        private List<Signal.MembersChanged> told() {
            List<Signal.MembersChanged> told = new ArrayList<>(1);
            List<PresenceRecords.Change> some = new ArrayList<>();
            long number = PresenceRecords.number(node);
            long after = topic.lastChange;
            int bytes = 0;
            for (PresenceRecords.Change change : changes) {
                if (bytes + change.sizeBytes() > SIGNAL_BYTES) {
                    told.add(new Signal.MembersChanged(number, after, ++lastChange, PresenceRecords.encode(some)));
                    after = lastChange;
                    some.clear();
                    bytes = 0;
                }
                some.add(change);
                bytes += change.sizeBytes();
            }
            told.add(new Signal.MembersChanged(number, after, ++lastChange, PresenceRecords.encode(some)));
            return told;
        }

        private void then(CompletionStage<?> stage, Runnable next) {
            deadlines.within(stage, (_, failure) -> {
                if (!node.equals(nodes.own())) {
                    // What it has written counts no more; all is noted to be written again.
                    end();
                } else if (failure != null) {
                    fail(failure);
                } else {
                    next.run();
                }
            });
        }

        private void fail(Throwable failure) {
            changes.forEach(change -> topic.noteToWrite(change.member()));
            topic.failedWrites++;
            if (logLimit.permits("presence")) {
                LOGGER.log(System.Logger.Level.WARNING, "who is here cannot be written for other nodes", failure);
            }
            timers.schedule(this::end, Backoff.delayMs(topic.failedWrites, random));
        }

        private void end() {
            topic.isBeingWritten = false;
            rounds--;
            if (topic.hasToWrite()) {
                enqueue(topic);
            } else {
                onRest.accept(topic);
            }
            pump();
        }
    }
}
