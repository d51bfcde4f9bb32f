package io.topicstream.client;

import io.topicstream.log.InMemoryLog;
import io.topicstream.server.Engine;
import io.topicstream.server.ServerSettings;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.state.InMemoryStateStore;
import java.io.IOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/// The real server over the engine in memory, on a free port of this machine.
final class LocalServer implements AutoCloseable {
    private final TopicStreamServer server;

    LocalServer() throws IOException {
        ExecutorService executor = Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("memory engine").factory());
        InstantSource clock = InstantSource.system();
        InMemoryLog log = new InMemoryLog(clock, executor, 1);
        InMemoryStateStore state = new InMemoryStateStore(clock, executor);
        server = new TopicStreamServer(
                new Engine(log, log, state, () -> {
                    log.close();
                    state.close();
                    executor.shutdown();
                }),
                ServerSettings.onLoopback());
    }

    int port() {
        return server.address().getPort();
    }

    URI address() {
        return at(port());
    }

    static URI at(int port) {
        return URI.create("ws://127.0.0.1:" + port + "/v1");
    }

    @Override
    public void close() {
        server.close();
    }
}
