package io.topicstream.server.config;

import io.topicstream.log.Durability;
import io.topicstream.server.config.ConfigNode.Entry;
import io.topicstream.server.config.ConfigNode.Mapping;
import io.topicstream.server.config.ConfigNode.Nothing;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// Reads the file, the environment and the flags against the table of settings, and makes the records. Goes on after
/// each problem, so that all are told at once.
final class ConfigLoader {
    private static final long MAX_FILE_BYTES = 1 << 20;
    private static final String DEFAULT_SOURCE = "default";
    private static final String SET_FLAG = "--set ";

    private record Value(Object value, String source) {}

    private final @Nullable Path file;
    private final Map<String, String> environment;
    private final Map<String, String> flags;
    private final Map<String, String> flagNames;
    private final Problems problems = new Problems();
    private final Map<String, Setting<?>> byPath = new HashMap<>();
    /// `server`, `limits`, `limits.http`: what has settings below it.
    private final Set<String> groups = new LinkedHashSet<>();
    private final Map<Setting<?>, Value> values = new HashMap<>();

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
        check();
        problems.throwIfAny();
        return new LoadedConfig(config(), effective());
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
            values.put(setting, new Value(value, source));
        }
    }

    /// What two settings must be to each other.
    private void check() {
        atMost(Settings.QUEUE_SOFT_BYTES, Settings.QUEUE_HARD_BYTES);
        atMost(Settings.LOW_WATERMARK_BYTES, Settings.HIGH_WATERMARK_BYTES);
        atMost(Settings.FRAME_BYTES, Settings.MESSAGE_BYTES);
        atMost(Settings.PAYLOAD_BYTES, Settings.MESSAGE_BYTES);
        atMost(Settings.PAYLOAD_BYTES, Settings.INFLATED_BODY_BYTES);
        together(Settings.TLS_CERTIFICATE, Settings.TLS_KEY);
        together(Settings.TLS_KEY, Settings.TLS_CERTIFICATE);
        together(Settings.TLS_PORT, Settings.TLS_CERTIFICATE);
        if (!get(Settings.TLS_PORT).isEmpty()
                && get(Settings.TLS_PORT).getFirst() != 0
                && get(Settings.TLS_PORT).getFirst().equals(get(Settings.PORT))) {
            problems.add(
                    source(Settings.TLS_PORT),
                    "server.tls.port is server.port; leave it out for one port that speaks TLS alone");
        }
        if (get(Settings.PROXY_PROTOCOL) && get(Settings.TRUSTED_PROXIES).isEmpty()) {
            problems.add(
                    source(Settings.PROXY_PROTOCOL),
                    "server.proxy_protocol is on, but server.trusted_proxies is empty, so nobody's header is taken");
        }
        if (get(Settings.ENGINE) == ServerConfig.Engine.MEMORY
                && values.containsKey(Settings.DURABILITY)
                && get(Settings.DURABILITY) != Durability.MEMORY) {
            problems.add(
                    place(Settings.DURABILITY),
                    name(Settings.DURABILITY) + " is '"
                            + get(Settings.DURABILITY).wireName()
                            + "', but the engine is memory, which keeps nothing; allowed is memory");
        }
    }

    private void together(Setting<? extends List<?>> one, Setting<? extends List<?>> other) {
        if (!get(one).isEmpty() && get(other).isEmpty()) {
            problems.add(source(one), one.path() + " needs " + other.path());
        }
    }

    private void atMost(Setting<Long> smaller, Setting<Long> larger) {
        if (get(smaller) > get(larger)) {
            String where = values.containsKey(smaller) ? place(smaller) : place(larger);
            problems.add(
                    where,
                    name(smaller) + " is " + Kind.showSize(get(smaller)) + "; allowed is at most " + name(larger)
                            + ", which is " + Kind.showSize(get(larger)));
        }
    }

    // Values are put in by read() alone, which takes them from the setting's own kind.
    @SuppressWarnings("unchecked")
    private <T> T get(Setting<T> setting) {
        @Nullable Value value = values.get(setting);
        return value == null ? setting.byDefault() : (T) value.value();
    }

    /// A size that the table bounds to less than 2 GiB.
    private int bytes(Setting<Long> setting) {
        return Math.toIntExact(get(setting));
    }

    private String source(Setting<?> setting) {
        @Nullable Value value = values.get(setting);
        return value == null ? DEFAULT_SOURCE : value.source();
    }

    /// Where a setting was written, for a problem that calls it by its [#name]; nothing where the name says it.
    private String place(Setting<?> setting) {
        return isFlag(setting) ? "" : source(setting);
    }

    /// What a setting is called in a problem: as it was typed, else by its path.
    private String name(Setting<?> setting) {
        return isFlag(setting) ? source(setting) : setting.path();
    }

    private boolean isFlag(Setting<?> setting) {
        return values.containsKey(setting) && source(setting).startsWith("--");
    }

    private List<LoadedConfig.Effective> effective() {
        List<LoadedConfig.Effective> effective = new ArrayList<>();
        for (Setting<?> setting : Settings.ALL) {
            effective.add(new LoadedConfig.Effective(setting.path(), shown(setting), source(setting)));
        }
        return effective;
    }

    private <T> String shown(Setting<T> setting) {
        if (setting.equals(Settings.DURABILITY)) {
            return durability().wireName();
        }
        return setting.kind().show(get(setting));
    }

    private Durability durability() {
        return get(Settings.ENGINE) == ServerConfig.Engine.MEMORY ? Durability.MEMORY : get(Settings.DURABILITY);
    }

    private ServerConfig config() {
        List<Path> runDir = get(Settings.RUN_DIR);
        int loops = get(Settings.EVENT_LOOPS);
        return new ServerConfig(
                get(Settings.ENGINE),
                loops == 0 ? Math.max(1, Runtime.getRuntime().availableProcessors() - 1) : loops,
                new ServerConfig.Server(
                        get(Settings.BIND),
                        get(Settings.PORT),
                        get(Settings.ALLOW_REMOTE_WITHOUT_CREDENTIALS),
                        get(Settings.ALLOWED_ORIGINS),
                        get(Settings.ALLOWED_HOSTS),
                        get(Settings.STOP_DELAY),
                        Networks.of(get(Settings.TRUSTED_PROXIES)),
                        get(Settings.PROXY_PROTOCOL),
                        tls(),
                        runDir.isEmpty() ? null : runDir.getFirst()),
                new ServerConfig.Data(
                        get(Settings.DATA_DIR),
                        durability(),
                        get(Settings.LINGER_US),
                        get(Settings.QUEUE_SOFT_BYTES),
                        get(Settings.QUEUE_HARD_BYTES),
                        get(Settings.CACHE_BYTES),
                        get(Settings.WRITE_BUFFER_BYTES),
                        get(Settings.READER_THREADS),
                        get(Settings.TOPIC_ENTRIES),
                        get(Settings.REPEATS_WINDOW)),
                new ServerConfig.Access(
                        get(Settings.ANONYMOUS), get(Settings.TOKENS), get(Settings.WRONG_CREDENTIALS_PER_MINUTE)),
                new ServerConfig.Log(get(Settings.LOG_LEVEL), get(Settings.LOG_FORMAT), get(Settings.LOG_ACCESS)),
                limits());
    }

    private ServerConfig.@Nullable Tls tls() {
        List<Path> certificate = get(Settings.TLS_CERTIFICATE);
        List<Path> key = get(Settings.TLS_KEY);
        List<Integer> port = get(Settings.TLS_PORT);
        return certificate.isEmpty() || key.isEmpty()
                ? null
                : new ServerConfig.Tls(certificate.getFirst(), key.getFirst(), port.isEmpty() ? null : port.getFirst());
    }

    private ServerConfig.Limits limits() {
        return new ServerConfig.Limits(
                new ServerConfig.Messages(bytes(Settings.PAYLOAD_BYTES)),
                new ServerConfig.Subscriptions(
                        get(Settings.SUBSCRIPTIONS_PER_CONNECTION), get(Settings.DURABLE_SUBSCRIPTIONS_PER_USER)),
                new ServerConfig.Http(
                        bytes(Settings.REQUEST_LINE_BYTES),
                        bytes(Settings.HEADER_BYTES),
                        get(Settings.HEADER_COUNT),
                        bytes(Settings.BODY_BYTES),
                        bytes(Settings.INFLATED_BODY_BYTES),
                        get(Settings.HEAD_DEADLINE),
                        get(Settings.BODY_GRACE),
                        bytes(Settings.BODY_BYTES_PER_SECOND),
                        get(Settings.KEEP_ALIVE_IDLE),
                        get(Settings.PIPELINE_DEPTH),
                        bytes(Settings.GZIP_FROM_BYTES)),
                new ServerConfig.WebSocket(
                        bytes(Settings.MESSAGE_BYTES),
                        bytes(Settings.FRAME_BYTES),
                        get(Settings.FRAGMENTS),
                        get(Settings.FRAME_DEADLINE),
                        get(Settings.PING_INTERVAL),
                        get(Settings.PING_ANSWER),
                        get(Settings.CLOSE_HANDSHAKE),
                        get(Settings.CONTROL_FRAMES_PER_SECOND)),
                new ServerConfig.Connections(
                        get(Settings.CONNECTIONS),
                        get(Settings.CONNECTIONS_PER_ADDRESS),
                        get(Settings.CAP_LOOPBACK),
                        bytes(Settings.HIGH_WATERMARK_BYTES),
                        bytes(Settings.LOW_WATERMARK_BYTES),
                        get(Settings.OUTBOUND_BYTES),
                        get(Settings.INCOMPLETE_BYTES),
                        get(Settings.ANSWER_BYTES),
                        get(Settings.STALL)));
    }
}
