package io.topicstream.aws.http;

import io.topicstream.command.Quota;
import io.topicstream.command.Refusal;
import io.topicstream.http.Exchange;
import io.topicstream.http.HttpLane;
import io.topicstream.log.Deadlines;
import io.topicstream.log.TopicLog;
import io.topicstream.protocol.ErrorCode;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Runs of the function, one after the other: the thread that called it is the exchange's until everything has been
/// answered that it has asked for, also what nobody waits for any more. Where something is left over after all, no
/// other run may follow: it would be told what belongs to this one.
final class HttpRun {
    private static final System.Logger LOGGER = System.getLogger(HttpRun.class.getName());

    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final Deadlines deadlines = new Deadlines(this::later, this::execute);
    private final HttpLane lane;
    private volatile @Nullable Thread thread;

    HttpRun(TopicLog log, Quota quota, InstantSource clock, Consumer<ErrorCode> errors) {
        lane = new HttpLane(
                handOver -> tasks.add(handOver::run),
                deadlines,
                log,
                quota,
                clock,
                errors,
                (at, fault) -> LOGGER.log(System.Logger.Level.ERROR, at, fault));
    }

    private void later(Runnable task, long delayMs) {
        CompletableFuture.delayedExecutor(delayMs, TimeUnit.MILLISECONDS).execute(() -> tasks.add(task));
    }

    /// Runs a task on the thread of the run: at once if that is the current one.
    private void execute(Runnable task) {
        if (Thread.currentThread().equals(thread)) {
            task.run();
        } else {
            tasks.add(task);
        }
    }

    /// What came of a run.
    ///
    /// @param isOver whether nothing of it is under way any more
    record Outcome(HttpAnswer answer, boolean isOver) {}

    /// Has an event answered on this thread.
    ///
    /// @param handler answers the exchange, now or later
    /// @param onBody goes on with an exchange whose body was judged by its head
    /// @param patience how long it may take
    Outcome run(
            HttpEvent event,
            EventTarget target,
            Consumer<EventExchange> handler,
            Consumer<Exchange> onBody,
            Duration patience) {
        long untilNs = System.nanoTime() + patience.toNanos();
        thread = Thread.currentThread();
        try {
            EventExchange exchange = new EventExchange(lane, event, target, this::execute, onBody);
            guarded(exchange, () -> handler.accept(exchange));
            boolean isOver = await(exchange, untilNs);
            return new Outcome(answer(exchange), isOver);
        } finally {
            thread = null;
        }
    }

    private boolean await(EventExchange exchange, long untilNs) {
        while (!exchange.isAnswerWhole() || deadlines.isOwed()) {
            @Nullable Runnable task;
            try {
                task = tasks.poll(untilNs - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
            if (task == null) {
                return false;
            }
            guarded(exchange, task);
        }
        return true;
    }

    private void guarded(EventExchange exchange, Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOGGER.log(System.Logger.Level.ERROR, "answering a request failed", e);
            if (!exchange.isAnswered()) {
                exchange.refuse(ErrorCode.INTERNAL, "internal error");
            }
        }
    }

    private static HttpAnswer answer(EventExchange exchange) {
        exchange.cutOff();
        if (!exchange.isAnswered()) {
            exchange.refuse(Refusal.unavailable());
        }
        HttpAnswer answer = exchange.answered();
        if (answer == null) {
            throw new IllegalStateException("there is no answer");
        }
        return answer;
    }
}
