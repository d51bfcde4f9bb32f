package io.topicstream.cli;

import io.topicstream.server.config.ConfigException;
import io.topicstream.server.config.LoadedConfig;
import io.topicstream.server.config.ServerConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The flags that say how a server is to be, and the configuration that they and the file and the environment make.
final class SettingFlags {
    @Option(names = "--port", paramLabel = "N", description = "The port to listen on; 0 takes a free one.")
    private @Nullable String port;

    @Option(names = "--bind", paramLabel = "A", description = "The address to listen on; 127.0.0.1 by default.")
    private @Nullable String bind;

    @Option(names = "--data", paramLabel = "DIR", description = "Where the messages are kept.")
    private @Nullable String data;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration; topicstream.yaml if there is one in the working directory.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "SETTING=VALUE",
            description = "Any other setting, as limits.messages.payload_bytes=64KiB.")
    private Map<String, String> settings = new LinkedHashMap<>();

    /// What other flags say, and their names.
    private final Map<String, String> others = new LinkedHashMap<>();

    private final Map<String, String> otherNames = new LinkedHashMap<>();

    /// Takes what another flag says of a setting.
    ///
    /// @param value null where it was not given
    void flag(String name, String setting, @Nullable String value) {
        flag(name, setting, value, others, otherNames);
    }

    /// Loads the configuration: the named file, or `topicstream.yaml` in the working directory if there is one, the
    /// environment, and these flags.
    ///
    /// @throws CommandFailure with everything that is wrong
    LoadedConfig load(Surroundings surroundings) {
        Map<String, String> values = new LinkedHashMap<>(settings);
        Map<String, String> names = new LinkedHashMap<>(otherNames);
        values.putAll(others);
        flag("--port", "server.port", port, values, names);
        flag("--bind", "server.bind", bind, values, names);
        flag("--data", "data.dir", data, values, names);
        return load(file, surroundings, values, names);
    }

    private static void flag(
            String name,
            String setting,
            @Nullable String value,
            Map<String, String> values,
            Map<String, String> names) {
        if (value != null) {
            values.put(setting, value);
            names.put(setting, name);
        }
    }

    /// Loads the configuration of a command that is no server, which has one flag of these.
    static LoadedConfig loadWithData(@Nullable Path file, Surroundings surroundings, @Nullable String data) {
        return data == null
                ? load(file, surroundings, Map.of(), Map.of())
                : load(file, surroundings, Map.of("data.dir", data), Map.of("data.dir", "--data"));
    }

    private static LoadedConfig load(
            @Nullable Path named, Surroundings surroundings, Map<String, String> values, Map<String, String> names) {
        Path file = named;
        if (file == null && Files.exists(Path.of(ServerConfig.DEFAULT_FILE))) {
            file = Path.of(ServerConfig.DEFAULT_FILE);
        }
        try {
            return ServerConfig.load(file, surroundings.environment(), values, names);
        } catch (ConfigException e) {
            throw new CommandFailure(ExitCodes.CONFIGURATION, String.join("; ", e.problems()));
        }
    }
}
