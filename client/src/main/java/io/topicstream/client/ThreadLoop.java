package io.topicstream.client;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// The loop as one thread and the machine's clock. The thread is a daemon: a client that nobody closed does not
/// keep a program from ending.
final class ThreadLoop implements ClientLoop {
    private static final System.Logger LOGGER = System.getLogger(ThreadLoop.class.getName());

    private final ScheduledThreadPoolExecutor executor;

    ThreadLoop(String name) {
        executor = new ScheduledThreadPoolExecutor(
                1,
                task -> Thread.ofPlatform().daemon().name(name).unstarted(task),
                new ThreadPoolExecutor.DiscardPolicy());
        executor.setRemoveOnCancelPolicy(true);
        executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    @Override
    public void execute(Runnable task) {
        executor.execute(watched(task));
    }

    @Override
    public Timer schedule(Runnable task, long delayMs) {
        ScheduledFuture<?> scheduled = executor.schedule(watched(task), delayMs, TimeUnit.MILLISECONDS);
        return () -> scheduled.cancel(false);
    }

    /// An executor keeps what a task throws to itself, and here it is a fault of ours.
    private static Runnable watched(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException | Error e) {
                LOGGER.log(System.Logger.Level.ERROR, "a fault of the client's own", e);
                throw e;
            }
        };
    }

    @Override
    public long nowMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }

    @Override
    public void end() {
        executor.shutdown();
    }
}
