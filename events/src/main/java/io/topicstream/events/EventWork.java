package io.topicstream.events;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// How much it takes at most to compare an event with rules, so that it is known before. Thread-safe.
///
/// The library tries the values of an array one after the other, for each member that a rule names: five
/// arrays of a hundred values are ten thousand million ways, and fit into a message of a few kilobytes. It cannot be
/// stopped meanwhile. And with wildcards each character of a value is compared with all places where a pattern can be.
///
/// A way is one value for each member that a rule names. Within an array all come from one element: values
/// of different elements are not tried together.
final class EventWork {
    // Names of members are a publisher's: they are not kept.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .build();

    private final List<Set<String>> rules;
    private final TreeSet<String> members;
    private final int complexity;

    /// @param rules for each, the members that it names, with full stops between the names on the way
    /// @param complexity of wildcards, by the library's measure; 0 where there are none
    EventWork(List<Set<String>> rules, int complexity) {
        this.rules = rules.stream().map(Set::copyOf).toList();
        this.members = rules.stream().flatMap(Set::stream).collect(Collectors.toCollection(TreeSet::new));
        this.complexity = complexity;
    }

    /// Ways and comparisons of characters, each of which takes some microseconds.
    ///
    /// @param event a JSON object
    /// @throws IOException where it is none that the library could read
    long of(String event) throws IOException {
        try (JsonParser json = JSON.createParser(event)) {
            json.nextToken();
            Reading reading = new Reading(json);
            Node all = reading.value("");
            long work = reading.chars * complexity;
            if (all != null) {
                for (Set<String> rule : rules) {
                    work = plus(work, ways(all, rule));
                }
            }
            return work;
        }
    }

    /// What an event has of the members that rules name.
    private sealed interface Node {
        record Value(String member) implements Node {}

        /// An object: its parts are told together.
        record All(List<Node> parts) implements Node {}

        /// An array, or members of the same name: one of the parts is told.
        record One(List<Node> parts) implements Node {}
    }

    /// Reads one event.
    private final class Reading {
        private final JsonParser json;
        private long chars;

        Reading(JsonParser json) {
            this.json = json;
        }

        /// What the value at hand has; null where that is nothing.
        private @Nullable Node value(String name) throws IOException {
            if (json.currentToken() == JsonToken.START_OBJECT) {
                return object(name.isEmpty() ? "" : name + ".");
            }
            if (json.currentToken() == JsonToken.START_ARRAY) {
                List<Node> elements = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    add(elements, value(name));
                }
                return elements.isEmpty() ? null : new Node.One(elements);
            }
            if (!members.contains(name)) {
                return null;
            }
            chars += json.getTextLength();
            return new Node.Value(name);
        }

        private @Nullable Node object(String prefix) throws IOException {
            Map<String, List<Node>> parts = new LinkedHashMap<>();
            while (json.nextToken() != JsonToken.END_OBJECT) {
                String name = prefix + json.currentName();
                json.nextToken();
                if (isNamed(name)) {
                    add(parts.computeIfAbsent(name, _ -> new ArrayList<>()), value(name));
                } else {
                    json.skipChildren();
                }
            }
            List<Node> named = parts.values().stream()
                    .filter(same -> !same.isEmpty())
                    .map(same -> same.size() == 1 ? same.getFirst() : new Node.One(same))
                    .toList();
            return named.isEmpty() ? null : new Node.All(named);
        }

        /// Whether a rule names the member, or one within it.
        private boolean isNamed(String name) {
            String within = members.ceiling(name + ".");
            return members.contains(name) || (within != null && within.startsWith(name + "."));
        }

        private static void add(List<Node> nodes, @Nullable Node node) {
            if (node != null) {
                nodes.add(node);
            }
        }
    }

    private static long ways(Node node, Set<String> rule) {
        return switch (node) {
            case Node.Value(String member) -> rule.contains(member) ? 1 : 0;
            case Node.One(List<Node> parts) -> {
                long sum = 0;
                for (Node part : parts) {
                    sum = plus(sum, ways(part, rule));
                }
                yield sum;
            }
            case Node.All(List<Node> parts) -> {
                long product = 0;
                for (Node part : parts) {
                    long of = ways(part, rule);
                    product = product == 0 || of == 0 ? Math.max(product, of) : times(product, of);
                }
                yield product;
            }
        };
    }

    private static long plus(long one, long other) {
        return one > Long.MAX_VALUE - other ? Long.MAX_VALUE : one + other;
    }

    private static long times(long one, long other) {
        return one > Long.MAX_VALUE / other ? Long.MAX_VALUE : one * other;
    }
}
