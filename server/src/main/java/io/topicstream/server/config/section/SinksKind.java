package io.topicstream.server.config.section;

import io.topicstream.events.EventFamily;
import io.topicstream.events.SinkDefinition;
import io.topicstream.log.TopicPattern;
import io.topicstream.settings.ConfigNode;
import io.topicstream.settings.EntriesKind;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Problems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The list of sinks. Secrets and the values of headers are not shown, and not named in problems.
final class SinksKind extends EntriesKind<SinkDefinition> {
    private static final Set<String> KEYS = Set.of(
            "name",
            "url",
            "secret",
            "secret_file",
            "rules",
            "topics",
            "also",
            "headers",
            "timeout",
            "attempts",
            "give_up_after");

    private static final Kind<Duration> TIMEOUT = Kind.time(Duration.ofMillis(1), SinkDefinition.LONGEST_TIMEOUT);
    private static final Kind<Duration> GIVE_UP = Kind.time(Duration.ofMillis(1), SinkDefinition.LONGEST_GIVE_UP);
    private static final Kind<Integer> ATTEMPTS = Kind.number(1, SinkDefinition.MOST_ATTEMPTS);
    private static final Kind<Map<String, String>> HEADERS = new TextsKind();

    SinksKind() {
        super("a list of {name, url, secret or secret_file, topics?, also?, rules?, headers?, timeout?, attempts?,"
                + " give_up_after?}");
    }

    @Override
    protected @Nullable SinkDefinition entry(ConfigNode node, String path, Place where, Problems problems) {
        @Nullable Map<String, ConfigNode> members = members(node, path, KEYS, where, problems);
        if (members == null) {
            return null;
        }
        @Nullable String name = required(members, "name", node, path, where, problems);
        @Nullable String url = required(members, "url", node, path, where, problems);
        try {
            @Nullable List<String> secrets = secrets(members);
            @Nullable
            Map<String, String> headers = orElse(HEADERS, members, "headers", Map.of(), path, where, problems);
            @Nullable
            Duration timeout =
                    orElse(TIMEOUT, members, "timeout", SinkDefinition.DEFAULT_TIMEOUT, path, where, problems);
            @Nullable
            Integer attempts =
                    orElse(ATTEMPTS, members, "attempts", SinkDefinition.DEFAULT_ATTEMPTS, path, where, problems);
            @Nullable
            Duration giveUp =
                    orElse(GIVE_UP, members, "give_up_after", SinkDefinition.DEFAULT_GIVE_UP, path, where, problems);
            if (name == null
                    || url == null
                    || headers == null
                    || timeout == null
                    || attempts == null
                    || giveUp == null) {
                return null;
            }
            return new SinkDefinition(
                    name,
                    SinkDefinition.url(url),
                    secrets,
                    texts(members, "rules"),
                    texts(members, "topics").stream().map(SinksKind::pattern).toList(),
                    also(texts(members, "also")),
                    headers,
                    timeout,
                    attempts,
                    giveUp);
        } catch (IllegalArgumentException e) {
            problems.add(where.at(node), path + ": " + e.getMessage());
            return null;
        }
    }

    private static <T> @Nullable T orElse(
            Kind<T> kind,
            Map<String, ConfigNode> members,
            String key,
            T otherwise,
            String path,
            Place where,
            Problems problems) {
        @Nullable ConfigNode written = members.get(key);
        return written == null ? otherwise : kind.read(written, path + "." + key, where, problems);
    }

    private static List<String> secrets(Map<String, ConfigNode> members) {
        boolean isWritten = members.containsKey("secret");
        if (isWritten == members.containsKey("secret_file")) {
            throw new IllegalArgumentException("a sink has a secret, or a secret_file with one a line");
        }
        if (isWritten) {
            return texts(members, "secret");
        }
        List<String> paths = texts(members, "secret_file");
        if (paths.size() != 1) {
            throw new IllegalArgumentException("a sink has one secret_file");
        }
        try {
            return Files.readAllLines(Path.of(paths.getFirst())).stream()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty() && !line.startsWith("#"))
                    .limit(SinkDefinition.MOST_SECRETS + 1L)
                    .toList();
        } catch (IOException e) {
            throw new IllegalArgumentException("the secret_file " + paths.getFirst() + " cannot be read", e);
        }
    }

    /// One text, or a list of them.
    private static List<String> texts(Map<String, ConfigNode> members, String key) {
        @Nullable ConfigNode written = members.get(key);
        List<ConfigNode> items = switch (written) {
            case null -> List.of();
            case ConfigNode.Sequence sequence -> sequence.items();
            case ConfigNode.Text text -> List.of(text);
            case ConfigNode.Nothing nothing -> List.of(nothing);
            case ConfigNode.Mapping mapping -> List.of(mapping);
        };
        List<String> texts = new ArrayList<>();
        for (ConfigNode item : items) {
            if (!(item instanceof ConfigNode.Text text)) {
                throw new IllegalArgumentException(
                        key + " is a text or a list of texts" + (key.equals("rules") ? ", each of them JSON" : ""));
            }
            texts.add(text.text());
        }
        return texts;
    }

    private static TopicPattern pattern(String text) {
        if (!TopicPattern.isValid(text)) {
            throw new IllegalArgumentException("each of topics is " + TopicPattern.RULE);
        }
        return new TopicPattern(text);
    }

    private static Set<EventFamily> also(List<String> names) {
        Set<EventFamily> also = EnumSet.noneOf(EventFamily.class);
        for (String name : names) {
            @Nullable EventFamily family = EventFamily.of(name);
            if (family == null) {
                throw new IllegalArgumentException("also has some of " + EventFamily.wireNames());
            }
            also.add(family);
        }
        return also;
    }

    @Override
    protected boolean fit(
            List<SinkDefinition> sinks, ConfigNode.Sequence list, String path, Place where, Problems problems) {
        Map<String, SinkDefinition> known = new LinkedHashMap<>();
        boolean right = true;
        for (SinkDefinition sink : sinks) {
            if (known.put(sink.name(), sink) != null) {
                right = false;
                problems.add(where.at(list), path + " has two sinks of the name " + sink.name());
            }
        }
        return right;
    }

    @Override
    public String show(List<SinkDefinition> sinks) {
        return sinks.isEmpty()
                ? ""
                : sinks.stream().map(SinkDefinition::name).collect(Collectors.joining(", ", "(hidden) ", ""));
    }
}
