package io.topicstream.server.config.section;

import io.topicstream.connection.ConnectionIds;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.util.List;

/// What the process is made of.
///
/// @param engine where messages are kept
/// @param eventLoops threads that serve sockets, at least 1
public record ProcessSection(Engine engine, int eventLoops) {
    public static final Rows ROWS = new Rows();

    static final Setting<Engine> ENGINE = ROWS.add(
            "engine",
            Kind.oneOf(List.of(Engine.values()), Engine::wireName),
            Engine.ROCKSDB,
            "Where messages are kept: rocksdb (in data.dir) or memory (gone with the process)");
    private static final Setting<Integer> EVENT_LOOPS = ROWS.add(
            "event_loops",
            Kind.number(0, ConnectionIds.MAX_LANES),
            0,
            "Threads that serve sockets; 0 leaves one processor to the log");

    /// Where messages are kept.
    public enum Engine {
        ROCKSDB,
        MEMORY;

        /// The name in the configuration.
        public String wireName() {
            return switch (this) {
                case ROCKSDB -> "rocksdb";
                case MEMORY -> "memory";
            };
        }
    }

    /// What the settings say.
    public static ProcessSection of(Values values) {
        int loops = values.get(EVENT_LOOPS);
        return new ProcessSection(
                values.get(ENGINE),
                loops == 0
                        ? Math.clamp(Runtime.getRuntime().availableProcessors() - 1, 1, ConnectionIds.MAX_LANES)
                        : loops);
    }
}
