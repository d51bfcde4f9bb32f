package io.topicstream.server.config;

import io.topicstream.server.config.section.DataSection;
import io.topicstream.server.config.section.SectionChecks;
import io.topicstream.settings.ConfigNode;
import io.topicstream.settings.ConfigNode.Entry;
import io.topicstream.settings.ConfigNode.Mapping;
import io.topicstream.settings.ConfigNode.Nothing;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Nearest;
import io.topicstream.settings.Problems;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.settings.YamlText;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads the file, the environment and the flags against the table of settings. Goes on after each problem, so
/// that all are told at once.
final class ConfigLoader {
    private static final long MAX_FILE_BYTES = 1 << 20;
    private static final String SET_FLAG = "--set ";

    private final @Nullable Path file;
    private final Map<String, String> environment;
    private final Map<String, String> flags;
    private final Map<String, String> flagNames;
    private final Problems problems = new Problems();
    private final Map<String, Setting<?>> byPath = new HashMap<>();
    /// `server`, `limits`, `limits.http`: what has settings below it.
    private final Set<String> groups = new LinkedHashSet<>();
    private final Values values = new Values();

    ConfigLoader(
            @Nullable Path file,
            Map<String, String> environment,
            Map<String, String> flags,
            Map<String, String> flagNames) {
        this.file = file;
        // Sorted, so that problems always come in the same order.
        this.environment = new TreeMap<>(environment);
        this.flags = new TreeMap<>(flags);
        this.flagNames = Map.copyOf(flagNames);
        for (Setting<?> setting : Settings.ALL) {
            byPath.put(setting.path(), setting);
            for (int dot = setting.path().indexOf('.');
                    dot >= 0;
                    dot = setting.path().indexOf('.', dot + 1)) {
                groups.add(setting.path().substring(0, dot));
            }
        }
    }

    LoadedConfig load() {
        if (file != null) {
            readFile(file);
        }
        readEnvironment();
        readFlags();
        SectionChecks.check(values, problems);
        if (!problems.lines().isEmpty()) {
            throw new ConfigException(problems.lines());
        }
        return new LoadedConfig(ServerConfig.of(values), effective());
    }

    private void readFile(Path path) {
        String label = path.toString();
        String text;
        try {
            if (Files.size(path) > MAX_FILE_BYTES) {
                problems.add(label, "is larger than " + Kind.showSize(MAX_FILE_BYTES));
                return;
            }
            text = Files.readString(path);
        } catch (NoSuchFileException e) {
            problems.add(label, "there is no such file");
            return;
        } catch (CharacterCodingException e) {
            problems.add(label, "is not UTF-8");
            return;
        } catch (IOException e) {
            problems.add(label, "cannot be read: " + e.getMessage());
            return;
        }
        @Nullable ConfigNode root = YamlText.read(text, label, problems);
        if (root instanceof Mapping mapping) {
            readMapping(mapping, "", label);
        } else if (root != null && !(root instanceof Nothing)) {
            problems.add(YamlText.at(label, root.line()), "is not a mapping of settings");
        }
    }

    private void readMapping(Mapping mapping, String group, String label) {
        for (Entry entry : mapping.entries()) {
            String path = group.isEmpty() ? entry.key() : group + "." + entry.key();
            // One way to write a setting, so that it cannot stand in a file twice.
            boolean isDotted = entry.key().indexOf('.') >= 0;
            @Nullable Setting<?> setting = isDotted ? null : byPath.get(path);
            String where = YamlText.at(label, entry.line());
            if (setting != null) {
                read(setting, entry.value(), where, node -> node.line() == 0 ? where : YamlText.at(label, node.line()));
            } else if (isDotted || !groups.contains(path)) {
                problems.add(where, unknown(group, entry.key()));
            } else if (entry.value() instanceof Mapping below) {
                readMapping(below, path, label);
            } else if (!(entry.value() instanceof Nothing)) {
                problems.add(where, path + " is " + Kind.describe(entry.value()) + "; it has settings below it");
            }
        }
    }

    /// Says that a key is unknown: with the key that its neighbours suggest, else with one of the same name elsewhere.
    private String unknown(String group, String key) {
        String path = group.isEmpty() ? key : group + "." + key;
        Set<String> siblings = new LinkedHashSet<>();
        for (String known : known()) {
            int dot = known.lastIndexOf('.');
            if ((dot < 0 ? "" : known.substring(0, dot)).equals(group)) {
                siblings.add(known.substring(dot + 1));
            }
        }
        @Nullable String sibling = Nearest.to(key, siblings);
        if (sibling != null) {
            return path + " is unknown; did you mean " + (group.isEmpty() ? "" : group + ".") + sibling + "?";
        }
        if (key.indexOf('.') >= 0 && known().contains(path)) {
            return path + " is unknown with a dot; write " + key.replace(".", ": {") + ": …"
                    + "}".repeat(key.split("\\.", -1).length - 1);
        }
        for (String known : byPath.keySet()) {
            if (known.endsWith("." + key)) {
                return path + " is unknown; did you mean " + known + "?";
            }
        }
        return path + " is unknown" + Nearest.didYouMean(path, known());
    }

    private Set<String> known() {
        Set<String> known = new LinkedHashSet<>(groups);
        Settings.ALL.forEach(setting -> known.add(setting.path()));
        return known;
    }

    private void readEnvironment() {
        Map<String, Setting<?>> byVariable = new TreeMap<>();
        Settings.ALL.forEach(setting -> byVariable.put(setting.variable(), setting));
        environment.forEach((name, text) -> {
            if (!name.startsWith(Setting.VARIABLE_PREFIX)) {
                return;
            }
            if (isServiceLink(name, text)) {
                return;
            }
            @Nullable Setting<?> setting = byVariable.get(name);
            if (setting != null) {
                read(setting, new ConfigNode.Text(text, 0), name, node -> name);
                return;
            }
            // Clients and scripts have variables of the same beginning; only what could be meant as a setting is ours.
            @Nullable String meant = Nearest.to(name, byVariable.keySet());
            boolean inGroup = groups.stream().anyMatch(group -> name.startsWith(Setting.variable(group) + "_"));
            if (inGroup || meant != null) {
                problems.add(
                        name, "no setting has this variable" + (meant == null ? "" : "; did you mean " + meant + "?"));
            }
        });
    }

    /// Whether a system that runs services put the variable there for every program beside a service of our name:
    /// an orchestrator's `…_SERVICE_HOST` and `…_PORT=tcp://…`, a container link's `…_NAME=/a/b` and `…_ENV_…`.
    /// For a service called `topicstream-server`, one of them has the name of our setting, and never a value for
    /// it.
    private static boolean isServiceLink(String name, String text) {
        return name.matches("\\w+_SERVICE_(HOST|PORT(_\\w+)?)")
                || name.matches("\\w+_PORT_\\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?")
                || (name.endsWith("_PORT") && text.matches("(tcp|udp|sctp)://.*"))
                || (name.endsWith("_NAME") && text.matches("/.+/.+"))
                || name.contains("_ENV_");
    }

    private void readFlags() {
        flags.forEach((path, text) -> {
            String name = flagNames.getOrDefault(path, SET_FLAG + path);
            @Nullable Setting<?> setting = byPath.get(path);
            if (setting != null) {
                read(setting, name, new ConfigNode.Text(text, 0), name, node -> "");
            } else {
                problems.add("", name + " is unknown" + Nearest.didYouMean(path, byPath.keySet()));
            }
        });
    }

    private <T> void read(Setting<T> setting, ConfigNode written, String source, Kind.Place place) {
        read(setting, setting.path(), written, source, place);
    }

    /// @param name what the setting is called in problems: its path, or the flag that was typed
    private <T> void read(Setting<T> setting, String name, ConfigNode written, String source, Kind.Place place) {
        @Nullable T value = setting.kind().read(written, name, place, problems);
        if (value != null) {
            values.put(setting, value, source);
        }
    }

    private List<LoadedConfig.Effective> effective() {
        return Settings.ALL.stream()
                .map(setting -> new LoadedConfig.Effective(setting.path(), shown(setting), values.source(setting)))
                .toList();
    }

    private <T> String shown(Setting<T> setting) {
        if (setting.equals(DataSection.DURABILITY)) {
            return DataSection.durability(values).wireName();
        }
        return setting.kind().show(values.get(setting));
    }
}
