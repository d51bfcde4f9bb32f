package io.topicstream.server;

import io.topicstream.people.NodePresence;
import io.topicstream.people.PresencePolicies;
import io.topicstream.server.config.ServerConfig;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Who is there, on a thread of its own.
final class PresenceThread {
    /// How long what is written at the end may take.
    private static final long PATIENCE_MS = 1_000;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("topicstream-presence").factory());
    private final NodePresence presence;

    PresenceThread(
            Engine engine,
            PresencePolicies policies,
            ServerConfig config,
            InstantSource clock,
            RandomGenerator random) {
        presence = new NodePresence(
                engine.ephemeral(),
                engine.state(),
                engine.feed(),
                policies,
                config.presence().grace(),
                clock,
                random,
                thread,
                (task, delayMs) -> {
                    var _ = thread.schedule(task, delayMs, TimeUnit.MILLISECONDS);
                });
    }

    NodePresence presence() {
        return presence;
    }

    /// Ends it. When users were last seen is written while there is an engine, if that does not take too long.
    CompletionStage<Void> stop() {
        return presence.stop()
                .toCompletableFuture()
                .completeOnTimeout(false, PATIENCE_MS, TimeUnit.MILLISECONDS)
                .handle((_, _) -> true)
                .thenRun(this::end);
    }

    /// Ends it at once. Without effect the second time.
    void end() {
        thread.shutdownNow();
    }
}
