package io.topicstream.server.admin;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Where a user's running servers leave what his command line needs to find them.
public final class RunDirectory {
    private RunDirectory() {}

    /// The directories to look in, the one to write to first: the configured one alone; or
    /// `$XDG_RUNTIME_DIR/topicstream`, `~/.topicstream/run` and `run` in the data directory. The first that can
    /// be written to is written to: a service may have no home, and an environment that is somebody else's. A
    /// server may have been started without the session whose runtime directory the command line sees, and the
    /// other way round, so all are looked in.
    ///
    /// @param configured the setting `server.run_dir`, or null
    /// @param home the user's home directory
    /// @param data the setting `data.dir`, or null where nothing is kept
    public static List<Path> of(
            @Nullable Path configured, Map<String, String> environment, Path home, @Nullable Path data) {
        if (configured != null) {
            return List.of(configured);
        }
        List<Path> directories = new ArrayList<>();
        @Nullable String runtime = environment.get("XDG_RUNTIME_DIR");
        // The specification has relative paths ignored.
        if (runtime != null && !runtime.isEmpty() && Path.of(runtime).isAbsolute()) {
            directories.add(Path.of(runtime, "topicstream"));
        }
        // Of a user that the system does not know Java says that the home is "?".
        if (home.isAbsolute()) {
            directories.add(home.resolve(".topicstream").resolve("run"));
        }
        if (data != null) {
            directories.add(data.resolve("run"));
        }
        return List.copyOf(directories);
    }
}
