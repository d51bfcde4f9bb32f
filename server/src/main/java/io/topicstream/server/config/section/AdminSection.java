package io.topicstream.server.config.section;

import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How the server is managed.
///
/// @param runDir where the administrator's token lies, or null for the usual place
public record AdminSection(@Nullable Path runDir) {
    public static final Rows ROWS = new Rows();

    private static final Setting<List<Path>> RUN_DIR = ROWS.add(
            "server.run_dir",
            Kind.pathOrNone(),
            List.of(),
            "Where the administrator's token lies; without it $XDG_RUNTIME_DIR/topicstream or ~/.topicstream/run");

    /// What the settings say.
    public static AdminSection of(Values values) {
        return new AdminSection(values.orNull(RUN_DIR));
    }
}
