package io.topicstream.settings;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The value of every setting, and where it came from: what was written, else the default.
///
/// Filled by one thread, then only read.
public final class Values {
    private static final String DEFAULT_SOURCE = "default";

    private record Written(Object value, String source) {}

    private final Map<Setting<?>, Written> written = new HashMap<>();

    /// Keeps what was written, in place of what was before.
    ///
    /// @param source the file and line, the variable or the flag
    public <T> void put(Setting<T> setting, T value, String source) {
        written.put(setting, new Written(value, source));
    }

    /// The value of the setting.
    // Values come in by put() alone, where the compiler holds them to the setting's type.
    @SuppressWarnings("unchecked")
    public <T> T get(Setting<T> setting) {
        @Nullable Written found = written.get(setting);
        return found == null ? setting.byDefault() : (T) found.value();
    }

    /// The value of a setting that may be left out; null if it is.
    public <T> @Nullable T orNull(Setting<List<T>> setting) {
        List<T> values = get(setting);
        return values.isEmpty() ? null : values.getFirst();
    }

    /// A size that its kind bounds to less than 2 GiB.
    public int bytes(Setting<Long> setting) {
        return Math.toIntExact(get(setting));
    }

    /// Whether anybody wrote it.
    public boolean isWritten(Setting<?> setting) {
        return written.containsKey(setting);
    }

    /// Where the value came from: `default`, `topicstream.yaml:3`, `TOPICSTREAM_SERVER_PORT`, `--port`.
    public String source(Setting<?> setting) {
        @Nullable Written found = written.get(setting);
        return found == null ? DEFAULT_SOURCE : found.source();
    }
}
