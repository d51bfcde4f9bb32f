package io.topicstream.server.gateway;

import io.topicstream.gateway.http.HttpCall;
import io.topicstream.gateway.http.HttpCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Calls nobody, and keeps whom it should have called.
final class NoCalls implements HttpCalls {
    final List<String> asked = new ArrayList<>();

    @Override
    public Prepared prepare(HttpCall call, String target, @Nullable String serverName, Duration within) {
        return (_, _) -> {
            asked.add(call.uri() + " " + serverName);
            return CompletableFuture.failedFuture(new IOException("Nobody is called."));
        };
    }

    @Override
    public void close() {}
}
