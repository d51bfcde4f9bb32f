package io.topicstream.people;

import io.topicstream.log.Backoff;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Timers;
import io.topicstream.signal.Signal;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// Reads what other nodes have of topics, where changes may have been missed. Owned by the thread of the presence.
///
/// The index is read before the entries, so these have all changes up to the number that it names; which nodes live
/// is read last, so one that is named and does not live has died. What is heard meanwhile counts afterwards too.
final class PresenceReads {
    /// How many topics are read at once.
    private static final int MOST_TOPICS = 4;
    private static final int PAGE = 1_000;
    /// How many signals are kept while a topic is read; after more it is read again.
    private static final int MOST_HEARD = 1_000;

    private final StateStore store;
    private final PresenceNodes nodes;
    private final Deadlines deadlines;
    private final Timers timers;
    private final Executor thread;
    private final RandomGenerator random;
    private final Consumer<PresentTopic> onRead;
    private final ArrayDeque<PresentTopic> waiting = new ArrayDeque<>();
    private final Map<PresentTopic, List<Signal.MembersChanged>> heard = new HashMap<>();
    private int reads;

    /// @param onRead told of each topic that has been read
    PresenceReads(
            StateStore store,
            PresenceNodes nodes,
            Deadlines deadlines,
            Timers timers,
            Executor thread,
            RandomGenerator random,
            Consumer<PresentTopic> onRead) {
        this.store = store;
        this.nodes = nodes;
        this.deadlines = deadlines;
        this.timers = timers;
        this.thread = thread;
        this.random = random;
        this.onRead = onRead;
    }

    /// Reads the topic, once more if it is being read.
    void want(PresentTopic topic) {
        if (!topic.isWaitingToBeRead) {
            topic.isWaitingToBeRead = true;
            waiting.add(topic);
            pump();
        }
    }

    /// Something was heard of the topic: if it is being read, it counts afterwards too.
    void heard(PresentTopic topic, Signal.MembersChanged changed) {
        List<Signal.MembersChanged> meanwhile = heard.get(topic);
        if (meanwhile == null) {
            return;
        }
        if (meanwhile.size() == MOST_HEARD) {
            want(topic);
        } else {
            meanwhile.add(changed);
        }
    }

    private void pump() {
        int turns = waiting.size();
        while (reads < MOST_TOPICS && turns-- > 0) {
            PresentTopic topic = waiting.remove();
            if (topic.isBeingRead) {
                waiting.add(topic);
            } else {
                topic.isWaitingToBeRead = false;
                if (topic.ear != null) {
                    topic.isBeingRead = true;
                    reads++;
                    heard.put(topic, new ArrayList<>(0));
                    new Reading(topic).begin();
                }
            }
        }
    }

    private final class Reading {
        private final PresentTopic topic;
        private final Map<String, Long> changes = new HashMap<>();
        private final Map<String, TreeMap<String, PresenceEntry>> entries = new HashMap<>();

        Reading(PresentTopic topic) {
            this.topic = topic;
        }

        void begin() {
            String name = topic.name().value();
            CompletionStage<Set<String>> all = store.scan(PresenceRecords.INDEX, PresenceRecords.prefix(name), "", PAGE)
                    .thenComposeAsync(page -> onIndex(page), thread)
                    .thenComposeAsync(_ -> nodes.alive(), thread);
            deadlines.within(all, (alive, failure) -> {
                if (alive == null) {
                    topic.failedReads++;
                    timers.schedule(() -> end(null), Backoff.delayMs(topic.failedReads, random));
                } else {
                    topic.failedReads = 0;
                    end(alive);
                }
            });
        }

        private CompletionStage<Boolean> onIndex(StatePage page) {
            for (StateRecord record : page.records()) {
                PresenceRecords.Index index = PresenceRecords.Index.decode(record.value());
                if (index != null) {
                    changes.put(PresenceRecords.node(record.key()), index.change());
                }
            }
            changes.remove(nodes.own());
            return changes.isEmpty() ? CompletableFuture.completedFuture(true) : page("");
        }

        private CompletionStage<Boolean> page(String after) {
            return store.scan(PresenceRecords.entries(topic.name()), "", after, PAGE)
                    .thenComposeAsync(
                            page -> {
                                page.records().forEach(this::take);
                                return page.isLast() ? CompletableFuture.completedFuture(true) : page(page.after());
                            },
                            thread);
        }

        private void take(StateRecord record) {
            String node = PresenceRecords.node(record.key());
            PresenceEntry entry = changes.containsKey(node) ? PresenceEntry.decode(record.value()) : null;
            if (entry != null) {
                entries.computeIfAbsent(node, _ -> new TreeMap<>()).put(PresenceRecords.front(record.key()), entry);
            }
        }

        /// @param alive null where it could not be read
        private void end(@Nullable Set<String> alive) {
            List<Signal.MembersChanged> meanwhile = heard.remove(topic);
            topic.isBeingRead = false;
            reads--;
            if (topic.ear != null) {
                if (alive == null) {
                    want(topic);
                } else {
                    take(alive, meanwhile == null ? List.of() : meanwhile);
                    onRead.accept(topic);
                }
            }
            pump();
        }

        private void take(Set<String> alive, List<Signal.MembersChanged> meanwhile) {
            Map<String, PresentTopic.Found> found = new HashMap<>();
            changes.forEach((node, change) -> {
                if (alive.contains(node) && nodes.hear(node)) {
                    found.put(node, new PresentTopic.Found(entries.getOrDefault(node, new TreeMap<>()), change));
                }
            });
            topic.replace(found);
            for (Signal.MembersChanged each : meanwhile) {
                List<PresenceRecords.Change> changed = PresenceRecords.decode(each.changes());
                String node = PresenceRecords.node(each.node());
                if (changed != null && nodes.isAlive(node)) {
                    // One that was missed in between is found by the next comparison.
                    var _ = topic.hear(node, each.after(), each.change(), changed);
                }
            }
        }
    }
}
