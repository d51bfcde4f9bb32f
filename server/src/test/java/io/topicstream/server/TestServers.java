package io.topicstream.server;

import io.topicstream.log.InMemoryLog;
import io.topicstream.state.InMemoryStateStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// Servers and engines for tests, on loopback and free ports.
public final class TestServers {
    private TestServers() {}

    /// A memory engine of its own, with a thread of its own.
    public static Engine memoryEngine() {
        ExecutorService executor = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("memory engine").factory());
        InstantSource clock = InstantSource.system();
        InMemoryLog log = new InMemoryLog(clock, executor, clock.instant().getEpochSecond());
        InMemoryStateStore state = new InMemoryStateStore(clock, executor);
        return new Engine(log, log, state, () -> {
            log.close();
            state.close();
            executor.shutdown();
        });
    }

    /// Starts a server on the engine.
    public static TopicStreamServer start(Engine engine, ServerSettings settings) {
        try {
            return new TopicStreamServer(engine, settings);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where a server is found.
    public static URI uri(TopicStreamServer server) {
        return URI.create("http://127.0.0.1:" + server.address().getPort());
    }
}
