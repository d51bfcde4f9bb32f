package io.topicstream.cli.aws;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.aws.audience.Later;
import io.topicstream.aws.audience.Task;
import io.topicstream.aws.audience.TaskCodec;
import io.topicstream.gateway.lambda.Functions;
import io.topicstream.json.JsonWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/// Functions in this process, in place of Lambda: each in some environments of its own, which take turns, so that
/// nothing works by what one of them remembers. Thread-safe.
///
/// Calls that nobody waits for are tried three times, as Lambda does.
final class FunctionPool implements Functions, Later, AutoCloseable {
    private static final System.Logger LOGGER = System.getLogger(FunctionPool.class.getName());
    private static final int TRIES = 3;
    private static final long AGAIN_MS = 1_000;

    private final ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
    private final List<UnaryOperator<byte[]>> environments = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();

    /// Adds an environment of the function; before anybody calls it.
    ///
    /// @param environment takes an event and gives a result
    void add(UnaryOperator<byte[]> environment) {
        environments.add(environment);
    }

    /// Calls the function, on this thread.
    byte[] call(byte[] payload) {
        return environments
                .get(Math.floorMod(turn.getAndIncrement(), environments.size()))
                .apply(payload);
    }

    // ---- by a gateway

    @Override
    public CompletionStage<Invocation> invoke(String name, byte[] payload, Duration within) {
        return CompletableFuture.supplyAsync(() -> invocation(payload), executor)
                .orTimeout(within.toMillis(), TimeUnit.MILLISECONDS);
    }

    private Invocation invocation(byte[] payload) {
        try {
            return new Invocation(null, call(payload));
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "a function failed", e);
            JsonWriter error = new JsonWriter();
            error.raw('{').string("errorMessage").raw(':').string(String.valueOf(e.getMessage()));
            error.raw(',').string("errorType").raw(':').string(e.getClass().getName());
            return new Invocation("Unhandled", error.raw('}').toByteArray());
        }
    }

    @Override
    public CompletionStage<Void> invokeLater(String name, byte[] payload) {
        begin(payload, 0, TRIES);
        return CompletableFuture.completedStage(null);
    }

    // ---- by a function

    @Override
    public void call(Task task, Duration after) {
        begin(TaskCodec.encode(task, TaskCodec.AT_ONCE), after.toMillis(), TRIES);
    }

    private void begin(byte[] payload, long afterMs, int tries) {
        Runnable run = () -> {
            try {
                call(payload);
            } catch (RuntimeException e) {
                if (tries > 1) {
                    begin(payload, AGAIN_MS, tries - 1);
                } else {
                    LOGGER.log(
                            System.Logger.Level.ERROR,
                            "a call that nobody waits for has failed " + TRIES + " times: "
                                    + new String(payload, UTF_8),
                            e);
                }
            }
        };
        if (afterMs == 0) {
            execute(run);
        } else {
            CompletableFuture.delayedExecutor(afterMs, TimeUnit.MILLISECONDS).execute(() -> execute(run));
        }
    }

    private void execute(Runnable run) {
        try {
            executor.execute(run);
        } catch (RejectedExecutionException e) {
            LOGGER.log(System.Logger.Level.DEBUG, "all of it has ended", e);
        }
    }

    /// Takes no more, and waits a little for what runs.
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(5, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
