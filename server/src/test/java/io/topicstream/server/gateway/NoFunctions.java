package io.topicstream.server.gateway;

import io.topicstream.gateway.lambda.Functions;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/// Functions where there are none.
final class NoFunctions implements Functions {
    private static <T> CompletionStage<T> failed(String name) {
        return CompletableFuture.failedFuture(
                new IOException("the function " + name + " is not to be had: its code is not beside the definition, and"
                        + " gateway.lambda_endpoint names no place where functions run"));
    }

    @Override
    public CompletionStage<Invocation> invoke(String name, byte[] payload, Duration within) {
        return failed(name);
    }

    @Override
    public CompletionStage<Void> invokeLater(String name, byte[] payload) {
        return failed(name);
    }
}
