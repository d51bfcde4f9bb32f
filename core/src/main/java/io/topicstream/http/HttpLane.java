package io.topicstream.http;

import io.topicstream.command.Quota;
import io.topicstream.log.Deadlines;
import io.topicstream.log.Lane;
import io.topicstream.log.TopicLog;
import io.topicstream.protocol.ErrorCode;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// What the requests of one thread of a door share: the lane on which the log answers, the buffers that answers are
/// written into, the reader of bodies. Belongs to that thread.
public final class HttpLane {
    final Lane lane;
    final ProduceBody produceBody = new ProduceBody();
    final SendBody sendBody = new SendBody();
    final FirstOffsets firstOffsets;
    final Quota quota;
    private final AnswerWriter answer;
    private final Deadlines deadlines;
    private final BiConsumer<String, RuntimeException> faults;

    /// @param lane runs on the thread
    /// @param deadlines of the thread
    /// @param log asked where topics begin
    /// @param quota what bounds how much callers may ask for
    /// @param clock the time of day
    /// @param errors told the code of every error that is answered
    /// @param faults told of what went wrong on our side, and at what
    public HttpLane(
            Lane lane,
            Deadlines deadlines,
            TopicLog log,
            Quota quota,
            InstantSource clock,
            Consumer<ErrorCode> errors,
            BiConsumer<String, RuntimeException> faults) {
        this.lane = lane;
        this.deadlines = deadlines;
        this.quota = quota;
        this.firstOffsets = new FirstOffsets(log, clock);
        this.answer = new AnswerWriter(errors);
        this.faults = faults;
    }

    /// Where answers are written.
    public AnswerWriter answer() {
        return answer;
    }

    /// See [Exchange#whenComplete].
    <T> void whenComplete(
            Exchange exchange, CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> then) {
        CompletableFuture<T> future = stage.toCompletableFuture();
        if (future.isDone() && !future.isCompletedExceptionally()) {
            then.accept(future.join(), null);
            return;
        }
        deadlines.within(stage, (value, failure) -> {
            try {
                then.accept(value, failure);
            } catch (RuntimeException e) {
                onFault(exchange, e);
            }
        });
    }

    /// What goes on with an exchange outside of the handler's call has failed by a fault of ours: nobody else would
    /// answer for it.
    void onFault(Exchange exchange, RuntimeException fault) {
        faults.accept("answering a request failed", fault);
        if (!exchange.isAnswered()) {
            exchange.refuse(ErrorCode.INTERNAL, "internal error");
        }
    }
}
