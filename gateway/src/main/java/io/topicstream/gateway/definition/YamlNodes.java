package io.topicstream.gateway.definition;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Reads YAML into [Node]s: one document, with CloudFormation's short tags.
///
/// Built from the parser's events, so no object is ever made by a tag. An alias is the node it names once more;
/// what it repeats counts as if it were written out, so that a bomb of aliases ends at [Bounds#NODES].
final class YamlNodes {
    /// The long names of the short tags; `!Ref` and `!Condition` have no prefix.
    private static final Set<String> TAGS = Set.of(
            "Base64",
            "Cidr",
            "FindInMap",
            "GetAZs",
            "GetAtt",
            "If",
            "ImportValue",
            "Join",
            "Length",
            "Select",
            "Split",
            "Sub",
            "ToJsonString",
            "Transform",
            "And",
            "Equals",
            "Not",
            "Or");
    private static final String YAML = "tag:yaml.org,2002:";
    private static final Set<String> PLAIN_TAGS = Set.of(
            "!", YAML + "str", YAML + "int", YAML + "float", YAML + "bool", YAML + "null", YAML + "map", YAML + "seq");

    private final Iterator<Event> events;
    private final Map<Anchor, Sized> anchors = new HashMap<>();
    private int nodes;

    private record Sized(Node node, int nodes) {}

    private YamlNodes(String text) {
        LoadSettings settings = LoadSettings.builder()
                .setLabel("definition")
                .setCodePointLimit(Bounds.FILE_BYTES)
                .build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /// Reads a text.
    ///
    /// @throws Wrong where it is no YAML, or too much
    static Node read(String text) {
        try {
            return new YamlNodes(text).document();
        } catch (MarkedYamlEngineException e) {
            throw new Wrong(line(e.getProblemMark()), "is not YAML: " + e.getProblem());
        } catch (YamlEngineException e) {
            throw new Wrong(0, "is not YAML: " + e.getMessage());
        }
    }

    private Node document() {
        @Nullable Node root = null;
        while (events.hasNext()) {
            Event event = events.next();
            if (event instanceof NodeEvent) {
                if (root != null) {
                    throw new Wrong(line(event.getStartMark()), "has a second document; one is enough");
                }
                root = node(event, 0);
            }
        }
        return root == null ? new Node.Nothing(0) : root;
    }

    private Node node(Event event, int depth) {
        int line = line(event.getStartMark());
        if (event instanceof AliasEvent alias) {
            @Nullable Sized named = anchors.get(alias.getAlias());
            if (named == null) {
                throw new Wrong(line, "*" + alias.getAlias() + " stands for nothing, or for itself");
            }
            count(named.nodes(), line);
            return named.node();
        }
        if (depth > Bounds.DEPTH) {
            throw new Wrong(line, "is nested deeper than " + Bounds.DEPTH + " levels");
        }
        int before = nodes;
        count(1, line);
        Node read = event instanceof ScalarEvent scalar ? scalar(scalar, line) : collection(event, line, depth);
        if (event instanceof NodeEvent node && node.getAnchor().isPresent()) {
            anchors.put(node.getAnchor().get(), new Sized(read, nodes - before));
        }
        return read;
    }

    private void count(int more, int line) {
        nodes += more;
        if (nodes > Bounds.NODES) {
            throw new Wrong(
                    line, "has too many values, with what its aliases repeat; " + Bounds.NODES + " are read at most");
        }
    }

    private static Node scalar(ScalarEvent event, int line) {
        String text = event.getValue();
        boolean isNothing = event.isPlain()
                && (text.isEmpty() || text.equals("~") || text.equals("null"))
                && event.getTag().isEmpty();
        return tagged(event.getTag(), isNothing ? new Node.Nothing(line) : new Node.Text(text, event.isPlain(), line));
    }

    private Node collection(Event event, int line, int depth) {
        CollectionStartEvent start = (CollectionStartEvent) event;
        Node read = start.getEventId() == Event.ID.SequenceStart ? sequence(line, depth) : mapping(line, depth);
        return tagged(start.getTag(), read);
    }

    private static Node tagged(Optional<String> tag, Node value) {
        if (tag.isEmpty() || PLAIN_TAGS.contains(tag.get())) {
            return value;
        }
        String name = tag.get().substring(1);
        if (name.equals("Ref") || name.equals("Condition")) {
            return Node.call(name, value);
        }
        if (!tag.get().startsWith("!") || !TAGS.contains(name)) {
            throw new Wrong(value.line(), "has a tag that CloudFormation does not know: " + tag.get());
        }
        return Node.call("Fn::" + name, value);
    }

    private Node sequence(int line, int depth) {
        List<Node> items = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            items.add(node(event, depth + 1));
        }
        return new Node.Items(items, line);
    }

    private Node mapping(int line, int depth) {
        Map<String, Node> members = new LinkedHashMap<>();
        List<Node> merges = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            int keyLine = line(event.getStartMark());
            Node key = node(event, depth + 1);
            Node value = node(events.next(), depth + 1);
            if (!(key instanceof Node.Text name)) {
                throw new Wrong(keyLine, "a name is a text, not " + key.kind());
            }
            if (name.plain() && name.text().equals("<<")) {
                merges.add(value);
            } else if (members.put(name.text(), value) != null) {
                throw new Wrong(keyLine, "'" + name.text() + "' stands here a second time");
            }
        }
        merges.forEach(merge -> merge(members, merge));
        return new Node.Members(members, line);
    }

    private static void merge(Map<String, Node> members, Node from) {
        switch (from) {
            case Node.Members more -> more.members().forEach(members::putIfAbsent);
            case Node.Items several -> several.items().forEach(one -> merge(members, one));
            case Node.Text text -> throw new Wrong(text.line(), "<< merges mappings, not a text");
            case Node.Nothing _ -> {}
        }
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(m -> m.getLine() + 1).orElse(0);
    }
}
