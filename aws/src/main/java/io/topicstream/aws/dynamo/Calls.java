package io.topicstream.aws.dynamo;

import io.topicstream.aws.s3.BadSegmentException;
import io.topicstream.log.LogUnavailableException;
import io.topicstream.row.BadRowException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import software.amazon.awssdk.core.exception.SdkException;

/// Where the calls of an engine run: each on a virtual thread, a bounded number of them at once.
///
/// Thread-safe. What was taken is done, also after [#close].
final class Calls implements AutoCloseable {
    private static final int MAX_WAITING = 1 << 16;

    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Semaphore turns;
    private final AtomicInteger waiting = new AtomicInteger();

    /// @param atOnce how many calls are under way at once
    Calls(int atOnce) {
        // In the order in which they came: who calls all the time keeps nobody out.
        turns = new Semaphore(atOnce, true);
    }

    Calls() {
        this(64);
    }

    /// What somebody asks, and is answered.
    interface Question<T> {
        T answer();
    }

    /// Answers the question, with a [LogUnavailableException] where the service cannot be asked.
    ///
    /// @param about what is asked, for the message of a failure
    <T> CompletableFuture<T> ask(String about, Question<T> question) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            answer.completeExceptionally(new LogUnavailableException("too many calls are waiting"));
            return answer;
        }
        boolean isTaken = run(() -> {
            try {
                T found = question.answer();
                waiting.decrementAndGet();
                answer.complete(found);
            } catch (SdkException e) {
                waiting.decrementAndGet();
                answer.completeExceptionally(
                        new LogUnavailableException(about + " cannot be had: " + e.getMessage(), e));
            } catch (BadRowException | BadSegmentException e) {
                waiting.decrementAndGet();
                answer.completeExceptionally(new LogUnavailableException(about + " is damaged: " + e.getMessage(), e));
            } catch (RuntimeException | Error e) {
                waiting.decrementAndGet();
                answer.completeExceptionally(e);
            }
        });
        if (!isTaken) {
            waiting.decrementAndGet();
            answer.completeExceptionally(new LogUnavailableException("the log is closed"));
        }
        return answer;
    }

    /// Runs the task when it has a turn.
    ///
    /// @return false where it is closed, or there is no room for a thread
    boolean run(Runnable task) {
        try {
            threads.execute(() -> {
                turns.acquireUninterruptibly();
                try {
                    task.run();
                } finally {
                    turns.release();
                }
            });
            return true;
        } catch (RejectedExecutionException | OutOfMemoryError e) {
            return false;
        }
    }

    /// Takes nothing more, and waits for nothing.
    @Override
    public void close() {
        threads.shutdown();
    }
}
