package io.topicstream.people;

import io.topicstream.log.Timers;
import io.topicstream.state.StateNumber;
import io.topicstream.state.StateStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// When users were last seen. Owned by the thread of the presence.
///
/// It is written some seconds later, many at once, so that users who come and go cost no synced write each. What a
/// crash takes is lost, and so is what the store does not take.
final class LastSeen {
    /// How long it waits to be written, in milliseconds.
    static final long EVERY_MS = 5_000;
    /// For how many users it waits at most; that of others is not written.
    static final int MOST = 100_000;
    /// How many are written at once.
    private static final int AT_ONCE = 1_000;

    private final StateStore store;
    private final Timers timers;
    private Map<String, Long> waiting = new HashMap<>();
    private boolean isScheduled;

    LastSeen(StateStore store, Timers timers) {
        this.store = store;
        this.timers = timers;
    }

    void note(String user, long atMs) {
        if (waiting.size() < MOST || waiting.containsKey(user)) {
            waiting.put(user, atMs);
        }
        if (!isScheduled) {
            isScheduled = true;
            timers.schedule(
                    () -> {
                        isScheduled = false;
                        var _ = write();
                    },
                    EVERY_MS);
        }
    }

    /// Writes what waits.
    CompletionStage<Boolean> write() {
        List<Map.Entry<String, Long>> all = List.copyOf(waiting.entrySet());
        waiting = new HashMap<>();
        return write(all, 0);
    }

    private CompletionStage<Boolean> write(List<Map.Entry<String, Long>> all, int from) {
        if (from == all.size()) {
            return CompletableFuture.completedFuture(true);
        }
        int to = Math.min(all.size(), from + AT_ONCE);
        List<CompletableFuture<Long>> some = new ArrayList<>(to - from);
        for (Map.Entry<String, Long> each : all.subList(from, to)) {
            some.add(store.advance(PresenceRecords.LAST_SEEN, each.getKey(), each.getValue())
                    .toCompletableFuture());
        }
        return CompletableFuture.allOf(some.toArray(CompletableFuture[]::new))
                .handle((_, failure) -> failure == null)
                .thenCompose(isTaken -> isTaken ? write(all, to) : CompletableFuture.completedFuture(false));
    }

    /// When the user was last seen, in epoch milliseconds; null where that is not known.
    CompletionStage<@Nullable Long> of(String user) {
        Long recent = waiting.get(user);
        if (recent != null) {
            return CompletableFuture.completedFuture(recent);
        }
        return store.get(PresenceRecords.LAST_SEEN, user).thenApply(record -> {
            long atMs = record == null ? StateNumber.NONE : StateNumber.of(record.value());
            return atMs == StateNumber.NONE ? null : atMs;
        });
    }
}
