package io.topicstream.server;

import io.topicstream.state.InMemoryStateStore;
import java.time.InstantSource;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// What dies with this process, beside any engine of one process: a store in memory, with a thread of its own,
/// which frees each second what has expired.
final class Ephemeral implements AutoCloseable {
    private static final int SWEEP_MS = 1000;

    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("topicstream-ephemeral").factory());
    private final InMemoryStateStore store;

    /// An empty one.
    ///
    /// @param clock by which records expire
    /// @param maxBytes that it may take; no more than an eighth of the heap in any case, for a bound that the heap
    ///     cannot keep would be none
    Ephemeral(InstantSource clock, long maxBytes) {
        store = new InMemoryStateStore(
                clock, thread, Math.min(maxBytes, Runtime.getRuntime().maxMemory() / 8));
        sweeps(store);
    }

    InMemoryStateStore store() {
        return store;
    }

    /// Lets it sweep another store too.
    void sweeps(InMemoryStateStore other) {
        var _ = thread.scheduleWithFixedDelay(other::sweep, SWEEP_MS, SWEEP_MS, TimeUnit.MILLISECONDS);
    }

    /// Ends it, with all that is in it. What was asked before is still answered.
    @Override
    public void close() {
        store.close();
        thread.shutdown();
    }
}
