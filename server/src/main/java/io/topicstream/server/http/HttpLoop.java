package io.topicstream.server.http;

import io.netty.channel.EventLoop;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Lane;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.transport.HttpExchange;
import io.topicstream.transport.LoopFaults;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// What the requests of one event loop share: its lane, the buffers that answers are written into, the reader of
/// bodies. Used on that loop only.
public final class HttpLoop {
    private static final System.Logger LOG = System.getLogger(HttpLoop.class.getName());

    final Lane lane;
    final AnswerWriter answer;
    final ProduceBody produceBody = new ProduceBody();
    final FirstOffsets firstOffsets;
    final CallersInOrder callers = new CallersInOrder(this);
    private final Deadlines deadlines;

    HttpLoop(EventLoop eventLoop, HttpServices services) {
        this.deadlines = new Deadlines(
                (task, delayMs) -> {
                    var _ = eventLoop.schedule(task, delayMs, TimeUnit.MILLISECONDS);
                },
                task -> onLoop(eventLoop, task));
        this.lane = services.lanes().apply(eventLoop);
        this.answer = new AnswerWriter(services.errors());
        this.firstOffsets = new FirstOffsets(services.log(), services.clock());
    }

    /// Where answers are written.
    public AnswerWriter answer() {
        return answer;
    }

    /// Goes on with the exchange on the loop when the stage is complete, at once if it is already, or when that has
    /// taken too long. One of the two arguments of `then` is null.
    public <T> void whenComplete(
            HttpExchange exchange, CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        if (future.isDone() && !future.isCompletedExceptionally()) {
            then.accept(future.join(), null);
            return;
        }
        deadlines.within(stage, (value, failure) -> guarded(exchange, () -> then.accept(value, failure)));
    }

    private static void onLoop(EventLoop eventLoop, Runnable task) {
        try {
            eventLoop.execute(task);
        } catch (RejectedExecutionException e) {
            // The loop has ended, and with it the connection that would have been answered.
            LOG.log(System.Logger.Level.DEBUG, "an answer came after the end of its event loop", e);
        }
    }

    /// Runs what goes on with an exchange outside of the handler's call, where nobody else would answer for a fault
    /// of ours.
    void guarded(HttpExchange exchange, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LoopFaults.onFault("answering a request failed", e);
            if (!exchange.isAnswered()) {
                answer.refuse(exchange, ErrorCode.INTERNAL, "internal error");
            }
        }
    }
}
