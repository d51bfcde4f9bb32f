package io.topicstream.log;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// What one thread waits for, and for how long at most: an engine that owes an answer keeps nobody
/// waiting for ever. Owned by that thread.
///
/// A wait is over between half of [#MAX_MS] and all of it: one timer looks after all waits of the thread,
/// and an answer in time costs a place in a set, not a timer of its own.
public final class Deadlines {
    /// How long a wait lasts at most, in milliseconds: less than the ten seconds after which the network
    /// gives up a handshake.
    public static final long MAX_MS = 8_000;

    private static final System.Logger LOGGER = System.getLogger(Deadlines.class.getName());

    private final Timers timers;
    private final Executor thread;
    /// Those that were there at the last tick; they are over at the next one.
    private Set<Wait> older = new LinkedHashSet<>();
    private Set<Wait> newer = new LinkedHashSet<>();
    private boolean ticking;
    private int owed;

    /// @param timers of the thread
    /// @param thread runs a task on the thread: at once if that is the current one
    public Deadlines(Timers timers, Executor thread) {
        this.timers = timers;
        this.thread = thread;
    }

    /// What somebody who waits is told, on the thread, once.
    @FunctionalInterface
    public interface Answer<T extends @Nullable Object> {
        /// What was waited for, or why it did not come: the failure of the one who was asked, or a
        /// [TimeoutException]. The value is null too where that is the answer.
        void onAnswer(@Nullable T value, @Nullable Throwable failure);
    }

    /// One wait.
    public final class Wait {
        private final Runnable onOverdue;
        private boolean over;

        private Wait(Runnable onOverdue) {
            this.onOverdue = onOverdue;
        }

        /// Ends it, because what was waited for has come.
        ///
        /// @return false if it was over: what has come is too late, and is to be dropped
        public boolean end() {
            if (over) {
                return false;
            }
            over = true;
            if (!newer.remove(this)) {
                older.remove(this);
            }
            return true;
        }

        /// Whether it has ended, in time or not.
        public boolean isOver() {
            return over;
        }
    }

    /// Begins to wait.
    ///
    /// @param onOverdue run on the thread if the wait is not ended in time
    public Wait begin(Runnable onOverdue) {
        Wait wait = new Wait(onOverdue);
        newer.add(wait);
        tick();
        return wait;
    }

    /// Waits for the stage, on the thread; what is there already is told at once. What comes too late is dropped;
    /// what the answer throws is logged.
    public <T extends @Nullable Object> void within(CompletionStage<T> stage, Answer<? super T> answer) {
        CompletableFuture<T> now = stage.toCompletableFuture();
        if (now.isDone() && !now.isCompletedExceptionally()) {
            tell(answer, now.join(), null);
            return;
        }
        Wait wait = begin(() -> answer.onAnswer(null, new TimeoutException("no answer in time")));
        owed++;
        var _ = stage.whenComplete((value, failure) -> thread.execute(() -> {
            owed--;
            if (wait.end()) {
                tell(answer, value, failure);
            }
        }));
    }

    /// Whether a stage is still to complete, be it that nobody waits for it any more.
    public boolean isOwed() {
        return owed > 0;
    }

    private void tick() {
        if (!ticking) {
            ticking = true;
            timers.schedule(this::onTick, MAX_MS / 2);
        }
    }

    private void onTick() {
        ticking = false;
        Set<Wait> due = older;
        older = newer;
        newer = new LinkedHashSet<>();
        for (Wait wait : due.toArray(Wait[]::new)) {
            if (wait.end()) {
                guarded(wait.onOverdue);
            }
        }
        if (!older.isEmpty()) {
            tick();
        }
    }

    private static <T extends @Nullable Object> void tell(
            Answer<? super T> answer, @Nullable T value, @Nullable Throwable failure) {
        try {
            answer.onAnswer(value, failure);
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            failed(e);
        }
    }

    private static void failed(RuntimeException why) {
        LOGGER.log(System.Logger.Level.ERROR, "an answer of the engine could not be taken", why);
    }
}
