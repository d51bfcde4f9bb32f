package io.topicstream.gateway.lambda;

import io.topicstream.gateway.lambda.Functions.Invocation;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/// One invocation of a function on this machine, until it is answered.
final class FunctionTask {
    private final String requestId = UUID.randomUUID().toString();
    private final byte[] payload;
    private final CompletableFuture<Invocation> result = new CompletableFuture<>();
    /// Ends its wait for a process; guarded by the pool.
    @Nullable
    Future<?> timer;

    FunctionTask(byte[] payload) {
        this.payload = payload;
    }

    String requestId() {
        return requestId;
    }

    byte[] payload() {
        return payload;
    }

    /// Completes with what the function answered, or how it failed.
    CompletableFuture<Invocation> result() {
        return result;
    }

    /// Forgets what would end its wait.
    void cancelTimer() {
        Future<?> old = timer;
        timer = null;
        if (old != null) {
            old.cancel(false);
        }
    }
}
