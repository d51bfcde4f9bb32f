package io.topicstream.cli;

import io.topicstream.server.config.ServerConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/// What a server is told that commands are tried against: it keeps everything in memory, and the system gives it a
/// port.
final class MemoryServers {
    private MemoryServers() {}

    /// @param runDirectory where it puts the administrator's token
    /// @param more keys and values of the configuration, in turns
    static ServerConfig config(Path runDirectory, String... more) {
        Map<String, String> settings = new HashMap<>(Map.of(
                "engine", "memory", "server.port", "0", "event_loops", "1", "server.run_dir", runDirectory.toString()));
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return ServerConfig.load(null, Map.of(), settings).config();
    }
}
