package io.topicstream.people;

import io.topicstream.log.Deadlines;
import io.topicstream.log.Timers;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateRecord;
import io.topicstream.state.StateStore;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.random.RandomGenerator;

/// The nodes that live, this one among them: its lease, and which others have one. Owned by the thread of the
/// presence.
///
/// What a node says of its members holds as long as its lease, which is short: so the members of a node that died
/// are gone a few seconds later. Each second the lease is renewed, and looked who else has one. A node whose lease
/// has ended, since it or the store stood still, goes on under another name, and says all that it has to say anew.
final class PresenceNodes {
    /// How long a lease lasts, in milliseconds.
    static final long LEASE_MS = 3_500;
    /// How often it is renewed, in milliseconds.
    static final long RENEW_MS = 1_000;

    private static final int PAGE = 1_000;
    private static final int MOST_DEAD = 1_000;

    private final StateStore store;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final Deadlines deadlines;
    private final Timers timers;
    private final Watcher watcher;

    private String own;
    private byte[] lease = {};
    private long version = StateStore.ABSENT;
    private boolean stopped;
    /// The others, each with the look in which there was last a sign of it.
    private final Map<String, Integer> others = new HashMap<>();
    /// Some whose leases have ended: what they said late is of before.
    private final Set<String> dead = new LinkedHashSet<>();
    private int look;

    /// Who is told what becomes of nodes.
    interface Watcher {
        /// There is another node.
        void onCame(String node);

        /// Another node lives no longer.
        void onDied(String node);

        /// This node has another name from now on, and nothing of what it wrote under the one before counts.
        void onRenamed();

        /// This node has a lease, the first or a new one.
        void onLeased();

        /// It was looked who lives.
        void onLooked();
    }

    PresenceNodes(
            StateStore store,
            InstantSource clock,
            RandomGenerator random,
            Deadlines deadlines,
            Timers timers,
            Watcher watcher) {
        this.store = store;
        this.clock = clock;
        this.random = random;
        this.deadlines = deadlines;
        this.timers = timers;
        this.watcher = watcher;
        this.own = PresenceRecords.node(random.nextLong());
    }

    /// The name of this node.
    String own() {
        return own;
    }

    /// Whether this node has a lease, as far as it knows: then what it writes counts.
    boolean isLeased() {
        return version != StateStore.ABSENT;
    }

    boolean isAlone() {
        return others.isEmpty();
    }

    boolean isAlive(String node) {
        return others.containsKey(node) || node.equals(own);
    }

    /// The node has said something.
    ///
    /// @return whether what it says counts
    boolean hear(String node) {
        if (node.equals(own) || dead.contains(node)) {
            return false;
        }
        if (others.put(node, look) == null) {
            watcher.onCame(node);
        }
        return true;
    }

    // ---- the lease

    /// @param tag of the node, as it stands in the ids of its connections
    void start(int tag) {
        lease = PresenceRecords.lease(tag);
        turn();
    }

    /// Ends it. The lease ends by itself, so that those who were here have that long to come to another node.
    void stop() {
        stopped = true;
    }

    private void turn() {
        if (stopped) {
            return;
        }
        long beganAtMs = clock.millis();
        deadlines.within(
                store.put(PresenceRecords.NODES, own, lease.clone(), version, beganAtMs + LEASE_MS),
                (renewed, failure) -> {
                    if (renewed != null && renewed != 0) {
                        boolean isNew = version == StateStore.ABSENT;
                        version = renewed;
                        if (isNew) {
                            watcher.onLeased();
                        }
                    } else if (renewed != null) {
                        bury(own);
                        own = PresenceRecords.node(random.nextLong());
                        version = StateStore.ABSENT;
                        watcher.onRenamed();
                        turn();
                        return;
                    }
                    lookAround(beganAtMs);
                });
    }

    private void lookAround(long beganAtMs) {
        look++;
        deadlines.within(alive(), (found, failure) -> {
            if (found != null) {
                onFound(found);
            }
            long passedMs = clock.millis() - beganAtMs;
            timers.schedule(this::turn, Math.clamp(RENEW_MS - passedMs, 1, RENEW_MS));
        });
    }

    private void onFound(Set<String> found) {
        for (String node : found) {
            if (!node.equals(own) && others.put(node, look) == null) {
                watcher.onCame(node);
            }
        }
        for (Iterator<Map.Entry<String, Integer>> all = others.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<String, Integer> each = all.next();
            if (each.getValue() != look) {
                all.remove();
                bury(each.getKey());
                watcher.onDied(each.getKey());
            }
        }
        watcher.onLooked();
    }

    private void bury(String node) {
        dead.add(node);
        if (dead.size() > MOST_DEAD) {
            dead.remove(dead.iterator().next());
        }
    }

    /// Those that have a lease now. A node that is named elsewhere and not here has died, if it was read there before
    /// this was asked.
    CompletionStage<Set<String>> alive() {
        return alive("", new HashSet<>());
    }

    /// Whether a node with this tag has a lease now. On any thread.
    static CompletionStage<Boolean> isAnyAlive(StateStore store, int tag) {
        return isAnyAlive(store, PresenceRecords.lease(tag), "");
    }

    private static CompletionStage<Boolean> isAnyAlive(StateStore store, byte[] lease, String after) {
        return store.scan(PresenceRecords.NODES, "", after, PAGE).thenCompose(page -> {
            boolean isAny = page.records().stream().anyMatch(record -> Arrays.equals(record.value(), lease));
            return isAny || page.isLast()
                    ? CompletableFuture.completedFuture(isAny)
                    : isAnyAlive(store, lease, page.after());
        });
    }

    private CompletionStage<Set<String>> alive(String after, Set<String> found) {
        return store.scan(PresenceRecords.NODES, "", after, PAGE).thenCompose((StatePage page) -> {
            for (StateRecord record : page.records()) {
                found.add(record.key());
            }
            return page.isLast() ? CompletableFuture.completedFuture(found) : alive(page.after(), found);
        });
    }
}
