package io.topicstream.gateway;

import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Whose messages are under way: it starts as many of a connection at a time as may be, keeps a few more,
/// and says when the connection may be read on. A connection without messages takes no memory here.
/// Thread-safe.
final class Conversations {
    /// The connection may be read on at once.
    static final CompletionStage<Void> READ_ON = CompletableFuture.completedStage(null);

    private final ConcurrentHashMap<String, Conversation> busy = new ConcurrentHashMap<>();
    private final int maxUnderWay;
    private final int maxWaiting;
    /// Completes when nobody has anything under way; null while nobody asks.
    private final AtomicReference<@Nullable CompletableFuture<Void>> idle = new AtomicReference<>();

    /// What is done for one message. The stage completes when it is done, and never fails.
    @FunctionalInterface
    interface Work extends Supplier<CompletableFuture<Void>> {}

    /// Used under the lock of its entry in the map only.
    private static final class Conversation {
        final ArrayDeque<Work> waiting = new ArrayDeque<>();
        int underWay;
        /// Completes when there is room again; null while there is.
        @Nullable
        CompletableFuture<Void> room;
    }

    /// What is to be done outside of the lock.
    private static final class Step {
        boolean refused;
        boolean starts;

        @Nullable
        Work next;

        @Nullable
        CompletableFuture<Void> room;
    }

    Conversations(int maxUnderWay, int maxWaiting) {
        this.maxUnderWay = maxUnderWay;
        this.maxWaiting = maxWaiting;
    }

    /// Does the work, now or when it is its turn.
    ///
    /// @param refused runs in place of the work if too many wait; null for work that waits all the same: the
    ///     end of a connection
    /// @return completes when the connection may be read on
    CompletionStage<Void> enter(String connectionId, Work work, @Nullable Runnable refused) {
        Step step = new Step();
        busy.compute(connectionId, (_, known) -> {
            Conversation here = known == null ? new Conversation() : known;
            if (here.underWay < maxUnderWay) {
                here.underWay++;
                step.starts = true;
            } else if (refused == null || here.waiting.size() < maxWaiting) {
                here.waiting.add(work);
            } else {
                step.refused = true;
            }
            if (here.underWay == maxUnderWay && here.room == null) {
                here.room = new CompletableFuture<>();
            }
            step.room = here.room;
            return here;
        });
        if (step.starts) {
            run(connectionId, work);
        } else if (step.refused && refused != null) {
            refused.run();
        }
        return step.room == null ? READ_ON : step.room;
    }

    /// Does this work and what waits behind it. A loop: what ends at once must not pile up on the stack.
    private void run(String connectionId, Work first) {
        Work work = first;
        while (work != null) {
            CompletableFuture<Void> done = work.get();
            if (!done.isDone()) {
                var _ = done.whenComplete((_, _) -> {
                    Work next = next(connectionId);
                    if (next != null) {
                        run(connectionId, next);
                    }
                });
                return;
            }
            work = next(connectionId);
        }
    }

    /// One is done: the next one that waits, or null for none.
    private @Nullable Work next(String connectionId) {
        Step step = new Step();
        busy.computeIfPresent(connectionId, (_, here) -> {
            step.next = here.waiting.poll();
            if (step.next == null) {
                here.underWay--;
                step.room = here.room;
                here.room = null;
            }
            return here.underWay == 0 ? null : here;
        });
        if (step.room != null) {
            step.room.complete(null);
        }
        tellIfIdle();
        return step.next;
    }

    /// Completes when nothing is under way, at once if that is so.
    CompletableFuture<Void> whenIdle() {
        idle.compareAndSet(null, new CompletableFuture<>());
        CompletableFuture<Void> asked = idle.get();
        tellIfIdle();
        return asked == null ? CompletableFuture.completedFuture(null) : asked;
    }

    private void tellIfIdle() {
        CompletableFuture<Void> asked = idle.get();
        if (asked != null && busy.isEmpty() && idle.compareAndSet(asked, null)) {
            asked.complete(null);
        }
    }

    /// How many connections have messages under way.
    int size() {
        return busy.size();
    }
}
