package io.topicstream.server;

import io.topicstream.server.config.ServerConfig;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;

/// Servers and engines for tests, on loopback and free ports.
public final class TestServers {
    private TestServers() {}

    /// A configuration for loopback, a free port and guests beside keys, and what else is wanted.
    ///
    /// @param settings pairs of a path and a text, as flags give them
    public static ServerConfig config(String... settings) {
        Map<String, String> flags =
                new LinkedHashMap<>(Map.of("server.port", "0", "engine", "memory", "access.anonymous", "on"));
        for (int i = 0; i < settings.length; i += 2) {
            flags.put(settings[i], settings[i + 1]);
        }
        return ServerConfig.load(null, Map.of(), flags).config();
    }

    /// Starts a server on the engine.
    public static TopicStreamServer start(Engine engine, ServerConfig config) {
        try {
            return new TopicStreamServer(engine, config);
        } catch (StartException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Where a server is found.
    public static URI uri(TopicStreamServer server) {
        return URI.create("http://127.0.0.1:" + server.address().getPort());
    }
}
