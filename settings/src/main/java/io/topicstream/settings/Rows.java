package io.topicstream.settings;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The settings of one section, in the order in which they are shown. Filled while the section's class is made.
public final class Rows {
    private final List<Setting<?>> rows = new ArrayList<>();

    public Rows() {}

    /// Adds a row at the end.
    ///
    /// @param path see [Setting]
    /// @param description one line, without a full stop
    public <T> Setting<T> add(String path, Kind<T> kind, T byDefault, String description) {
        Setting<T> setting = new Setting<>(path, kind, byDefault, description);
        rows.add(setting);
        return setting;
    }

    /// Adds those of a part that others have too.
    public void addAll(Rows part) {
        rows.addAll(part.rows);
    }

    /// All of them.
    public List<Setting<?>> all() {
        return Collections.unmodifiableList(rows);
    }
}
