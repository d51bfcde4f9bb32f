package io.topicstream.people;

import io.topicstream.log.Backoff;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Timers;
import io.topicstream.state.StatePage;
import io.topicstream.state.StateStore;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;

/// The users with a connection on this node, and a record of each for the other nodes as soon as there are some. Owned
/// by the thread of the presence.
final class OnlineUsers {
    private static final int AT_ONCE = 256;
    /// On so many nodes a user is looked for.
    private static final int MOST_NODES = 100;

    private final StateStore store;
    private final PresenceNodes nodes;
    private final Deadlines deadlines;
    private final Timers timers;
    private final Executor thread;
    private final RandomGenerator random;
    private final Map<String, Integer> connections = new HashMap<>();
    private final Set<String> toWrite = new LinkedHashSet<>();
    private int underWay;
    private int failures;
    private boolean isOn;

    OnlineUsers(
            StateStore store,
            PresenceNodes nodes,
            Deadlines deadlines,
            Timers timers,
            Executor thread,
            RandomGenerator random) {
        this.store = store;
        this.nodes = nodes;
        this.deadlines = deadlines;
        this.timers = timers;
        this.thread = thread;
        this.random = random;
    }

    void come(String user) {
        if (connections.merge(user, 1, Integer::sum) == 1) {
            changed(user);
        }
    }

    void go(String user) {
        if (connections.computeIfPresent(user, (_, number) -> number == 1 ? null : number - 1) == null) {
            changed(user);
        }
    }

    int connections(String user) {
        return connections.getOrDefault(user, 0);
    }

    /// Writes from now on, first all that there is. Without effect the second time.
    void begin() {
        if (!isOn) {
            isOn = true;
            writeAgain();
        }
    }

    /// Writes all that there is again: what was written so far does not count any more.
    void writeAgain() {
        if (isOn) {
            toWrite.addAll(connections.keySet());
            pump();
        }
    }

    void onLooked() {
        pump();
    }

    private void changed(String user) {
        if (isOn) {
            toWrite.add(user);
            pump();
        }
    }

    private void pump() {
        while (underWay < AT_ONCE && !toWrite.isEmpty() && nodes.isLeased()) {
            String user = toWrite.iterator().next();
            toWrite.remove(user);
            underWay++;
            String key = PresenceRecords.key(user, nodes.own());
            CompletionStage<?> written = connections.containsKey(user)
                    ? store.put(PresenceRecords.ONLINE, key, new byte[] {1}, StateStore.ANY_VERSION, StateStore.NEVER)
                    : store.delete(PresenceRecords.ONLINE, key, StateStore.ANY_VERSION);
            deadlines.within(written, (_, failure) -> {
                if (failure == null) {
                    failures = 0;
                    underWay--;
                    pump();
                } else {
                    failures++;
                    toWrite.add(user);
                    timers.schedule(
                            () -> {
                                underWay--;
                                pump();
                            },
                            Backoff.delayMs(failures, random));
                }
            });
        }
    }

    /// Whether the user has a connection on any node.
    CompletionStage<Boolean> isOnline(String user) {
        if (connections.containsKey(user)) {
            return CompletableFuture.completedFuture(true);
        }
        if (nodes.isAlone()) {
            return CompletableFuture.completedFuture(false);
        }
        return store.scan(PresenceRecords.ONLINE, PresenceRecords.prefix(user), "", MOST_NODES)
                .thenApplyAsync(this::isAnyAlive, thread);
    }

    private boolean isAnyAlive(StatePage page) {
        return page.records().stream().anyMatch(record -> nodes.isAlive(PresenceRecords.node(record.key())));
    }
}
