package io.topicstream.settings;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Settings as variables of an environment, for programs that read no file: the same names and the same values as a
/// server's.
public final class Variables {
    private final List<Setting<?>> settings;

    /// @param sections whose settings there are
    public Variables(List<Rows> sections) {
        settings = sections.stream().flatMap(rows -> rows.all().stream()).toList();
    }

    /// Reads them; one that is blank is left out.
    ///
    /// @param foreign beginnings of names that are settings of a server, and mean nothing here where they are not
    ///     among these
    public Values read(Map<String, String> environment, Set<String> foreign, Problems problems) {
        Values values = new Values();
        Map<String, Setting<?>> byName = new TreeMap<>();
        settings.forEach(setting -> byName.put(setting.variable(), setting));
        // Sorted, so that problems always come in the same order.
        new TreeMap<>(environment).forEach((name, text) -> {
            @Nullable Setting<?> setting = byName.get(name);
            if (setting != null && !text.isBlank()) {
                read(setting, text.strip(), values, problems);
            } else if (setting == null && foreign.stream().anyMatch(name::startsWith)) {
                problems.add(name, "there is no such setting here" + Nearest.didYouMean(name, byName.keySet()));
            }
        });
        return values;
    }

    private static <T> void read(Setting<T> setting, String text, Values values, Problems problems) {
        String name = setting.variable();
        @Nullable T value = setting.kind().read(new ConfigNode.Text(text, 0), setting.path(), _ -> name, problems);
        if (value != null) {
            values.put(setting, value, name);
        }
    }
}
