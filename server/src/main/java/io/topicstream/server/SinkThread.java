package io.topicstream.server;

import io.topicstream.event.EventLog;
import io.topicstream.server.config.ServerConfig;
import io.topicstream.server.sink.EventFigures;
import io.topicstream.server.sink.Sinks;
import java.time.InstantSource;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// Where events go, on a thread of its own.
final class SinkThread {
    /// How long what is stored at the end may take.
    private static final long PATIENCE_MS = 1_000;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("topicstream-sinks").factory());
    private final EventLog events;
    private final Sinks sinks;

    SinkThread(Engine engine, ServerConfig config, InstantSource clock, RandomGenerator random) {
        events = new EventLog(engine.log(), config.events().withAddresses(), clock);
        sinks = new Sinks(
                config.events().sinks(),
                config.events().destinations().hosts(),
                address -> config.events().destinations().mayBeAt(address, config.isLoopbackOnly()),
                config.events().log(),
                events,
                engine.log(),
                engine.feed(),
                engine.state(),
                engine.ephemeral(),
                clock,
                random,
                thread,
                (task, delayMs) -> {
                    var _ = thread.schedule(task, delayMs, TimeUnit.MILLISECONDS);
                });
    }

    /// Where it is told what happens beside messages.
    EventLog events() {
        return events;
    }

    Sinks sinks() {
        return sinks;
    }

    EventFigures figures() {
        return new EventFigures(sinks.series(), events.lost(), events.waiting());
    }

    /// Ends it. How far sinks are is written while there is an engine, if that does not take too long.
    CompletionStage<Void> stop() {
        return sinks.stop()
                .toCompletableFuture()
                .completeOnTimeout(null, PATIENCE_MS, TimeUnit.MILLISECONDS)
                .thenRun(this::end);
    }

    /// Ends it at once. Without effect the second time.
    void end() {
        thread.shutdownNow();
    }
}
