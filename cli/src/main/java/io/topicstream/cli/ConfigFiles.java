package io.topicstream.cli;

import io.topicstream.server.config.ConfigException;
import io.topicstream.server.config.LoadedConfig;
import io.topicstream.server.config.ServerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where the commands find the configuration.
final class ConfigFiles {
    private ConfigFiles() {}

    /// Loads it: the named file, or `topicstream.yaml` in the working directory if there is one, the
    /// environment, and the flags.
    ///
    /// @throws CommandFailure with the first problem, and how many more there are
    static LoadedConfig load(@Nullable Path named, Surroundings surroundings, Map<String, String> flags) {
        Path file = named;
        if (file == null && Files.exists(Path.of(ServerConfig.DEFAULT_FILE))) {
            file = Path.of(ServerConfig.DEFAULT_FILE);
        }
        try {
            return ServerConfig.load(file, surroundings.environment(), flags);
        } catch (ConfigException e) {
            List<String> problems = e.problems();
            throw new CommandFailure(ExitCodes.CONFIGURATION, String.join("; ", problems));
        }
    }
}
