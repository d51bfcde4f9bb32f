package io.topicstream.people;

import io.topicstream.log.Deadlines;
import io.topicstream.log.Timers;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Predicate;

/// Compares now and then what is known of other nodes with their index, since any signal may be lost, and clears away
/// what dead nodes left behind. Owned by the thread of the presence.
///
/// It goes on as long as there are other nodes, and until nothing of dead ones is found.
final class PresenceCheck {
    /// How long from one comparison to the next, in milliseconds. Where one takes long it is longer.
    static final long EVERY_MS = 2_000;
    /// A comparison takes at most one part of so many of the time.
    private static final int SHARE = 10;

    private static final int PAGE = 1_000;
    /// How many parts of topics that dead nodes left are cleared away in one go.
    private static final int MOST_CLEARED = 1_000;

    private final StateStore store;
    private final PresenceNodes nodes;
    private final Deadlines deadlines;
    private final Timers timers;
    private final Executor thread;
    private final Topics topics;
    private final InstantSource clock;
    private boolean stopped;
    private boolean isDue;
    private boolean isUnderWay;

    /// What is compared.
    interface Topics {
        /// A node's index says this of a topic.
        void onIndex(String topic, String node, PresenceRecords.Index index);

        /// All that there is in the index was told.
        void onCompared();
    }

    PresenceCheck(
            StateStore store,
            PresenceNodes nodes,
            Deadlines deadlines,
            Timers timers,
            Executor thread,
            Topics topics,
            InstantSource clock) {
        this.store = store;
        this.nodes = nodes;
        this.deadlines = deadlines;
        this.timers = timers;
        this.thread = thread;
        this.topics = topics;
        this.clock = clock;
    }

    /// Compares soon, and on while there is reason.
    void want() {
        isDue = true;
        if (!isUnderWay && !stopped) {
            isUnderWay = true;
            timers.schedule(this::begin, EVERY_MS);
        }
    }

    void stop() {
        stopped = true;
    }

    private void begin() {
        if (stopped) {
            return;
        }
        isDue = false;
        long beganAtMs = clock.millis();
        List<String> parts = new ArrayList<>();
        CompletionStage<Set<String>> compared = pages(PresenceRecords.INDEX, record -> compare(record, parts))
                .thenComposeAsync(_ -> nodes.alive(), thread);
        deadlines.within(compared, (alive, failure) -> {
            if (alive == null) {
                isDue = true;
                end(beganAtMs);
                return;
            }
            topics.onCompared();
            parts.removeIf(key -> alive.contains(PresenceRecords.node(key)));
            clear(parts, beganAtMs);
        });
    }

    private void compare(StateRecord record, List<String> parts) {
        String node = PresenceRecords.node(record.key());
        PresenceRecords.Index index = PresenceRecords.Index.decode(record.value());
        if (node.equals(nodes.own()) || index == null) {
            return;
        }
        if (nodes.isAlive(node)) {
            topics.onIndex(PresenceRecords.front(record.key()), node, index);
        } else if (parts.size() < MOST_CLEARED) {
            parts.add(record.key());
        }
    }

    // ---- what dead nodes left behind

    private void clear(List<String> parts, long beganAtMs) {
        if (parts.isEmpty()) {
            end(beganAtMs);
            return;
        }
        // There may be more, and what is left of who is online is not in the index.
        isDue = true;
        CompletionStage<Boolean> cleared = CompletableFuture.completedFuture(true);
        for (String part : parts) {
            cleared = cleared.thenComposeAsync(_ -> clear(part), thread);
        }
        deadlines.within(cleared, (_, _) -> end(beganAtMs));
    }

    private CompletionStage<Boolean> clear(String part) {
        String node = PresenceRecords.node(part);
        String partition = PresenceRecords.entriesOf(PresenceRecords.front(part));
        return clear(partition, node::equals)
                .thenCompose(_ -> store.delete(PresenceRecords.INDEX, part, StateStore.ANY_VERSION));
    }

    /// Deletes what dead nodes left of who is online.
    void clearOnline() {
        if (stopped) {
            return;
        }
        Set<String> gone = new HashSet<>();
        CompletionStage<Set<String>> named = pages(PresenceRecords.ONLINE, record -> {
                    String node = PresenceRecords.node(record.key());
                    if (!nodes.isAlive(node)) {
                        gone.add(node);
                    }
                })
                .thenComposeAsync(_ -> nodes.alive(), thread);
        deadlines.within(named, (alive, failure) -> {
            if (alive != null) {
                gone.removeAll(alive);
                if (!gone.isEmpty()) {
                    var _ = clear(PresenceRecords.ONLINE, gone::contains);
                }
            }
        });
    }

    private CompletionStage<Boolean> clear(String partition, Predicate<String> isGone) {
        return pages(partition, record -> {
            if (isGone.test(PresenceRecords.node(record.key()))) {
                var _ = store.delete(partition, record.key(), StateStore.ANY_VERSION);
            }
        });
    }

    // ----

    private void end(long beganAtMs) {
        isUnderWay = false;
        if (isDue || !nodes.isAlone()) {
            isDue = true;
            isUnderWay = true;
            long tookMs = Math.max(0, clock.millis() - beganAtMs);
            timers.schedule(this::begin, Math.max(EVERY_MS, tookMs * SHARE));
        }
    }

    private CompletionStage<Boolean> pages(String partition, Consumer<StateRecord> each) {
        return pages(partition, each, "");
    }

    private CompletionStage<Boolean> pages(String partition, Consumer<StateRecord> each, String after) {
        return store.scan(partition, "", after, PAGE)
                .thenComposeAsync(
                        (StatePage page) -> {
                            page.records().forEach(each);
                            return page.isLast()
                                    ? CompletableFuture.completedFuture(true)
                                    : pages(partition, each, page.after());
                        },
                        thread);
    }
}
