package io.topicstream.server.config;

import io.topicstream.door.Origins;
import java.util.ArrayList;
import java.util.List;

/// A configuration, and where each of its values came from.
///
/// @param effective every setting, in the order of the table
public record LoadedConfig(ServerConfig config, List<Effective> effective) {
    /// A setting as it is in force.
    ///
    /// @param path its name
    /// @param value as one would write it; secrets are left out
    /// @param source `default`, `topicstream.yaml:3`, `TOPICSTREAM_SERVER_PORT`, `--port`
    public record Effective(String path, String value, String source) {}

    public LoadedConfig {
        effective = List.copyOf(effective);
    }

    /// What `config check` prints: a line for each setting with its value and source, then what is worth a thought.
    public String report() {
        int pathWidth = width(effective.stream().map(Effective::path).toList());
        int valueWidth =
                Math.min(40, width(effective.stream().map(Effective::value).toList()));
        StringBuilder out = new StringBuilder();
        for (Effective one : effective) {
            String value = one.value().isEmpty() ? "-" : one.value();
            out.append(pad(one.path(), pathWidth))
                    .append("  ")
                    .append(pad(value, valueWidth))
                    .append("  ")
                    .append(one.source())
                    .append('\n');
        }
        for (String note : notes()) {
            out.append("note: ").append(note).append('\n');
        }
        return out.toString();
    }

    /// What is allowed and yet worth a thought.
    public List<String> notes() {
        List<String> notes = new ArrayList<>();
        if (!config.isLoopbackOnly() && config.isAnonymousAllowed()) {
            notes.add("callers without a credential are let in from everywhere (access.anonymous is on)");
        }
        if (config.remoteRefusal(false) != null) {
            notes.add(
                    "the server will only start if its store has an API key: others can reach it, and access.tokens is"
                            + " empty");
        }
        if (config.listen().allowedOrigins().contains(Origins.EVERYTHING)) {
            notes.add("every web page may call without a credential (server.allowed_origins has *)");
        }
        return notes;
    }

    private static int width(List<String> texts) {
        return texts.stream().mapToInt(String::length).max().orElse(0);
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
