package io.topicstream.gateway.backend;

import io.topicstream.gateway.exchange.GatewayEvent;
import io.topicstream.gateway.integration.Answer;
import io.topicstream.gateway.integration.BackEnd;
import io.topicstream.gateway.model.Integration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/// Another back end, called on a thread of its own: where mapping templates are rendered, which may take a second,
/// and the thread that has the message may be an event loop. Thread-safe.
public final class Aside implements BackEnd {
    private final BackEnd backEnd;
    private final Executor executor;

    /// @param executor for what takes its time; not bounded, as calls are
    public Aside(BackEnd backEnd, Executor executor) {
        this.backEnd = backEnd;
        this.executor = executor;
    }

    @Override
    public void prepare(Integration integration) {
        backEnd.prepare(integration);
    }

    @Override
    public CompletionStage<Answer> call(GatewayEvent event, Integration integration) {
        CompletableFuture<Answer> answered = new CompletableFuture<>();
        try {
            executor.execute(() -> {
                try {
                    var _ = backEnd.call(event, integration).whenComplete((answer, failure) -> {
                        if (failure == null) {
                            answered.complete(answer);
                        } else {
                            answered.completeExceptionally(failure);
                        }
                    });
                } catch (RuntimeException e) {
                    answered.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException _) {
            return CompletableFuture.completedStage(Failures.internal("The gateway is stopping."));
        }
        return answered;
    }
}
