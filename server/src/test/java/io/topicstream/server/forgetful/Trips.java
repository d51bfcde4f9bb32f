package io.topicstream.server.forgetful;

import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// How often one run of a function asked the engine, and how many of its questions came one after the other: what it
/// costs, and how long it takes. Thread-safe.
///
/// A question comes after another if it was asked by what that one's answer set off, or by the run's own thread
/// after it had waited. Those that are asked without waiting in between count as one step.
final class Trips {
    private static final ThreadLocal<@Nullable Place> HERE = new ThreadLocal<>();

    /// Where a thread is: behind so many answers of a run.
    private record Place(Trips trips, int step) {}

    private final String what;
    private int asked;
    private int answered;
    private int steps;

    private Trips(String what) {
        this.what = what;
    }

    /// What one run has cost.
    ///
    /// @param what names the function
    /// @param asked questions in all
    /// @param steps how many of them one after the other
    record Cost(String what, int asked, int steps) {}

    /// Runs it on this thread.
    static Cost of(String what, Runnable run) {
        Trips trips = new Trips(what);
        HERE.set(new Place(trips, 0));
        try {
            run.run();
        } finally {
            HERE.remove();
        }
        synchronized (trips) {
            return new Cost(trips.what, trips.asked, trips.steps);
        }
    }

    /// Counts a question that was just asked.
    ///
    /// @param answerMs how long its answer takes, at least. Where it takes no time a chain of questions may
    ///     count for fewer steps than it has: the answer may be there before the next is chained to it
    static <T extends @Nullable Object> CompletionStage<T> counted(CompletionStage<T> question, long answerMs) {
        Place asking = HERE.get();
        if (asking == null) {
            return question;
        }
        int step = asking.trips.ask(asking);
        CompletableFuture<T> answer = new CompletableFuture<>();
        Executor executor =
                answerMs == 0 ? Runnable::run : CompletableFuture.delayedExecutor(answerMs, TimeUnit.MILLISECONDS);
        var _ = question.whenCompleteAsync(
                (value, failure) -> answered(asking.trips, step, () -> {
                    if (failure == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                }),
                executor);
        return answer;
    }

    /// The same for a question whose answer is a call: what is to be told of it.
    static Consumer<Runnable> counted() {
        Place asking = HERE.get();
        if (asking == null) {
            return Runnable::run;
        }
        int step = asking.trips.ask(asking);
        return then -> answered(asking.trips, step, then);
    }

    private synchronized int ask(Place asking) {
        asked++;
        steps = Math.max(steps, asking.step + 1);
        return asking.step + 1;
    }

    private static void answered(Trips trips, int step, Runnable then) {
        synchronized (trips) {
            trips.answered = Math.max(trips.answered, step);
        }
        Place before = HERE.get();
        HERE.set(new Place(trips, step));
        try {
            then.run();
        } finally {
            HERE.set(before);
        }
    }

    /// Waits for an answer.
    static <T extends @Nullable Object> T await(CompletionStage<T> stage) {
        T value = stage.toCompletableFuture().join();
        waited();
        return value;
    }

    /// Waits for all.
    ///
    /// @throws CompletionException if one fails
    static void awaitAll(Collection<? extends CompletionStage<?>> stages) {
        CompletableFuture.allOf(stages.stream()
                        .map(CompletionStage::toCompletableFuture)
                        .toArray(CompletableFuture[]::new))
                .join();
        waited();
    }

    /// This thread has waited: what it asks next comes after all that is answered.
    static void waited() {
        Place here = HERE.get();
        if (here != null) {
            synchronized (here.trips) {
                HERE.set(new Place(here.trips, here.trips.answered));
            }
        }
    }
}
