package io.topicstream.settings;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.CollectionStartEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/// Reads YAML into [ConfigNode]s: one document of mappings, lists and values.
///
/// Built from the parser's events, so no object is ever made by a tag. Tags, anchors and aliases are refused: a
/// configuration needs none of them, and an alias can make a small file a huge one.
public final class YamlText {
    private static final int MAX_DEPTH = 16;
    private static final int MAX_CHARACTERS = 1 << 20;

    private final String label;
    private final Problems problems;
    private final Iterator<Event> events;

    private YamlText(String text, String label, Problems problems) {
        this.label = label;
        this.problems = problems;
        LoadSettings settings = LoadSettings.builder()
                .setLabel(label)
                .setCodePointLimit(MAX_CHARACTERS)
                .build();
        this.events = new Parse(settings).parseString(text).iterator();
    }

    /// Reads the text.
    ///
    /// @param label what the text is called in problems: the file's name
    /// @return what stands in it, or null if nothing does or if it cannot be read, which is then among the problems
    public static @Nullable ConfigNode read(String text, String label, Problems problems) {
        try {
            return new YamlText(text, label, problems).document();
        } catch (NotReadable e) {
            problems.add(at(label, e.line), e.getMessage());
            return null;
        } catch (MarkedYamlEngineException e) {
            problems.add(at(label, line(e.getProblemMark())), "is not YAML: " + e.getProblem());
            return null;
        } catch (YamlEngineException e) {
            problems.add(label, "is not YAML: " + e.getMessage());
            return null;
        }
    }

    /// `name:line`, or only the name.
    public static String at(String label, int line) {
        return line == 0 ? label : label + ":" + line;
    }

    private @Nullable ConfigNode document() {
        @Nullable ConfigNode root = null;
        while (events.hasNext()) {
            Event event = events.next();
            if (event instanceof NodeEvent) {
                if (root != null) {
                    throw new NotReadable(line(event.getStartMark()), "has a second document; one is enough");
                }
                root = node(event, 0);
            }
        }
        return root;
    }

    private ConfigNode node(Event event, int depth) {
        int line = line(event.getStartMark());
        if (depth > MAX_DEPTH) {
            throw new NotReadable(line, "is nested deeper than " + MAX_DEPTH + " levels");
        }
        if (event instanceof AliasEvent
                || (event instanceof NodeEvent node && node.getAnchor().isPresent())) {
            throw new NotReadable(line, "has an anchor or alias (& or *); write the value out, or in quotes");
        }
        if (event instanceof ScalarEvent scalar) {
            refuseTag(scalar.getTag(), line);
            return isNothing(scalar) ? new ConfigNode.Nothing(line) : new ConfigNode.Text(scalar.getValue(), line);
        }
        CollectionStartEvent start = (CollectionStartEvent) event;
        refuseTag(start.getTag(), line);
        return start.getEventId() == Event.ID.SequenceStart ? sequence(line, depth) : mapping(line, depth);
    }

    private ConfigNode sequence(int line, int depth) {
        List<ConfigNode> items = new ArrayList<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.SequenceEnd; event = events.next()) {
            items.add(node(event, depth + 1));
        }
        return new ConfigNode.Sequence(items, line);
    }

    private ConfigNode mapping(int line, int depth) {
        List<ConfigNode.Entry> entries = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (Event event = events.next(); event.getEventId() != Event.ID.MappingEnd; event = events.next()) {
            int keyLine = line(event.getStartMark());
            ConfigNode key = node(event, depth + 1);
            ConfigNode value = node(events.next(), depth + 1);
            if (!(key instanceof ConfigNode.Text text)) {
                problems.add(at(label, keyLine), "a key is a name, not a list, a mapping or nothing");
            } else if (!keys.add(text.text())) {
                problems.add(at(label, keyLine), "'" + text.text() + "' stands here a second time");
            } else {
                entries.add(new ConfigNode.Entry(text.text(), keyLine, value));
            }
        }
        return new ConfigNode.Mapping(entries, line);
    }

    private static void refuseTag(Optional<String> tag, int line) {
        if (tag.isPresent()) {
            throw new NotReadable(line, "has a tag (!); plain values are enough");
        }
    }

    private static boolean isNothing(ScalarEvent scalar) {
        if (!scalar.isPlain()) {
            return false;
        }
        String text = scalar.getValue();
        return text.isEmpty() || text.equals("~") || text.equals("null");
    }

    private static int line(Optional<Mark> mark) {
        return mark.map(m -> m.getLine() + 1).orElse(0);
    }

    private static final class NotReadable extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final int line;

        NotReadable(int line, String message) {
            super(message, null, false, false);
            this.line = line;
        }

        @Override
        public String getMessage() {
            return String.valueOf(super.getMessage());
        }
    }
}
