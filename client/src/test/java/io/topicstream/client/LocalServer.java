package io.topicstream.client;

import io.topicstream.server.StartException;
import io.topicstream.server.TopicStreamServer;
import io.topicstream.server.config.ServerConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

/// The real server over the engine in memory, on a free port of this machine.
final class LocalServer implements AutoCloseable {
    private final TopicStreamServer server;

    LocalServer(Path runDirectory) throws StartException {
        server = TopicStreamServer.start(ServerConfig.load(
                        null,
                        Map.of(),
                        Map.of(
                                "engine",
                                "memory",
                                "server.port",
                                "0",
                                "event_loops",
                                "1",
                                "server.run_dir",
                                runDirectory.toString()))
                .config());
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
