package io.topicstream.server.forgetful;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Asynchronous calls of functions: nobody waits for them, and what they cost is told. Thread-safe.
final class Runs {
    private static final System.Logger LOGGER = System.getLogger(Runs.class.getName());

    private final ExecutorService executor;
    private final Consumer<Trips.Cost> cost;
    private volatile boolean closed;

    /// @param executor of threads that may block
    /// @param cost told what each run has cost
    Runs(ExecutorService executor, Consumer<Trips.Cost> cost) {
        this.executor = executor;
        this.cost = cost;
    }

    /// Begins a run.
    void begin(String what, Runnable run) {
        try {
            executor.execute(() -> {
                try {
                    now(what, run);
                } catch (RuntimeException e) {
                    LOGGER.log(
                            closed ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
                            "a run ended early; the next one goes on from there",
                            e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "the front door is closed", e);
        }
    }

    /// Begins a run after a time.
    void beginLater(String what, long delayMs, Runnable run) {
        CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS).execute(() -> begin(what, run));
    }

    /// Runs it on this thread.
    void now(String what, Runnable run) {
        cost.accept(Trips.of(what, run));
    }

    /// No run begins any more; those that wait for something give up.
    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
        executor.close();
    }
}
