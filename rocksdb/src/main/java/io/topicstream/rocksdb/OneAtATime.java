package io.topicstream.rocksdb;

import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/// Runs its tasks on another executor, one after the other, and lets everybody else there go ahead of each: for work
/// that any client may ask for, and that must not take all threads.
///
/// May be used on any thread.
final class OneAtATime implements Executor {
    private final Executor threads;
    private final ConcurrentLinkedQueue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();

    OneAtATime(Executor threads) {
        this.threads = threads;
    }

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
        if (waiting.getAndIncrement() == 0) {
            runNextInTurn();
        }
    }

    private void runNextInTurn() {
        try {
            threads.execute(this::runNext);
        } catch (RejectedExecutionException e) {
            // They are closed. What is left is run here, and learns it from what it meets.
            do {
                next().run();
            } while (waiting.decrementAndGet() > 0);
        }
    }

    private void runNext() {
        try {
            next().run();
        } finally {
            if (waiting.decrementAndGet() > 0) {
                runNextInTurn();
            }
        }
    }

    private Runnable next() {
        return Objects.requireNonNull(tasks.poll(), "each is counted after it was put in");
    }
}
