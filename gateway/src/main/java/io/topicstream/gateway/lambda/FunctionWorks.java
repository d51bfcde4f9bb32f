package io.topicstream.gateway.lambda;

import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// What the functions of this machine share: threads, timers, the programs that run them, their output,
/// and the room for what waits. Thread-safe.
final class FunctionWorks implements AutoCloseable {
    /// So much of payloads may be under way, of all functions together.
    private static final long MAX_PAYLOADS_BYTES = 128L << 20;

    private final LocalFunctionSettings settings;
    private final Map<String, String> surroundings;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("topicstream-function-timers").factory());
    private final Programs programs;
    private final Reaper reaper = new Reaper();
    private final FunctionOutput output = new FunctionOutput();
    private final FunctionFolders folders = new FunctionFolders(reaper);
    private final AtomicLong payloadBytesLeft = new AtomicLong(MAX_PAYLOADS_BYTES);

    /// @param surroundings the environment of the server
    FunctionWorks(LocalFunctionSettings settings, Map<String, String> surroundings) {
        this.settings = settings;
        this.surroundings = Map.copyOf(surroundings);
        this.programs = new Programs(surroundings);
        timers.setRemoveOnCancelPolicy(true);
    }

    LocalFunctionSettings settings() {
        return settings;
    }

    Map<String, String> surroundings() {
        return surroundings;
    }

    Programs programs() {
        return programs;
    }

    Reaper reaper() {
        return reaper;
    }

    FunctionOutput output() {
        return output;
    }

    FunctionFolders folders() {
        return folders;
    }

    Executor threads() {
        return threads;
    }

    /// Runs what may block.
    void run(Runnable what) {
        try {
            threads.execute(what);
        } catch (RejectedExecutionException e) {
            // All has ended.
        }
    }

    /// Runs something later, unless it is cancelled.
    @Nullable
    Future<?> after(long delayNs, Runnable what) {
        try {
            return timers.schedule(() -> run(what), delayNs, TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            return null;
        }
    }

    /// Takes room for a payload.
    ///
    /// @return whether there was some
    boolean reserve(int bytes) {
        if (payloadBytesLeft.addAndGet(-bytes) >= 0) {
            return true;
        }
        payloadBytesLeft.addAndGet(bytes);
        return false;
    }

    void release(int bytes) {
        payloadBytesLeft.addAndGet(bytes);
    }

    /// Ends threads and timers, and takes the folders away. To be called when no process is left, or is
    /// to be.
    @Override
    public void close() {
        timers.shutdownNow();
        threads.shutdown();
        try {
            // What ends processes runs there.
            if (!threads.awaitTermination(END_MS, TimeUnit.MILLISECONDS)) {
                threads.shutdownNow();
            }
        } catch (InterruptedException e) {
            threads.shutdownNow();
            Thread.currentThread().interrupt();
        }
        output.close();
        folders.close();
        reaper.close();
    }

    private static final long END_MS = 5_000;
}
