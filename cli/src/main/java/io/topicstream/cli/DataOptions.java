package io.topicstream.cli;

import io.topicstream.server.DataDirectory;
import io.topicstream.server.StartException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which data directory a command works on: the one that `serve` would take.
final class DataOptions {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "The data directory; by default the one that serve takes.")
    private @Nullable String data;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration; topicstream.yaml if there is one in the working directory.")
    private @Nullable Path file;

    /// Whether the directory stands on the command line.
    boolean isNamed() {
        return data != null;
    }

    DataDirectory directory(Surroundings surroundings) {
        try {
            return new DataDirectory(
                    SettingFlags.loadWithData(file, surroundings, data).config());
        } catch (StartException e) {
            throw failure(e);
        }
    }

    static CommandFailure failure(StartException e) {
        return new CommandFailure(ExitCodes.DATA, String.valueOf(e.getMessage()));
    }
}
