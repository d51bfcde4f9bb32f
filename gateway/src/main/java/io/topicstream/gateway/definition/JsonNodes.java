package io.topicstream.gateway.definition;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;

/// JSON as [Node]s, and [Node]s as JSON.
final class JsonNodes {
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Bounds.DEPTH)
                    .maxStringLength(Bounds.FILE_BYTES)
                    .build())
            .build();
    private static final Pattern NUMBER =
            Pattern.compile("-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?");

    private final JsonParser parser;
    private int nodes;

    private JsonNodes(JsonParser parser) {
        this.parser = parser;
    }

    /// Reads a text.
    ///
    /// @throws Wrong where it is no JSON, or too much
    static Node read(String text) {
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            Node root = new JsonNodes(parser).node(parser.nextToken());
            if (parser.nextToken() != null) {
                throw new Wrong(parser.currentTokenLocation().getLineNr(), "has something behind its end");
            }
            return root;
        } catch (JacksonException e) {
            throw new Wrong(
                    Math.max(0, e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
                    "is not JSON: " + e.getOriginalMessage());
        }
    }

    private Node node(@Nullable JsonToken token) {
        int line = parser.currentTokenLocation().getLineNr();
        nodes++;
        if (nodes > Bounds.NODES) {
            throw new Wrong(line, "has too many values; " + Bounds.NODES + " are read at most");
        }
        if (token == JsonToken.START_OBJECT) {
            Map<String, Node> members = new LinkedHashMap<>();
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                String name = parser.currentName();
                if (members.put(name, node(parser.nextToken())) != null) {
                    throw new Wrong(
                            parser.currentTokenLocation().getLineNr(), "'" + name + "' stands here a second time");
                }
            }
            return new Node.Members(members, line);
        }
        if (token == JsonToken.START_ARRAY) {
            List<Node> items = new ArrayList<>();
            for (JsonToken next = parser.nextToken(); next != JsonToken.END_ARRAY; next = parser.nextToken()) {
                items.add(node(next));
            }
            return new Node.Items(items, line);
        }
        if (token == null) {
            throw new Wrong(0, "is empty");
        }
        return token == JsonToken.VALUE_NULL
                ? new Node.Nothing(line)
                : new Node.Text(parser.getString(), token != JsonToken.VALUE_STRING, line);
    }

    /// Writes JSON; plain texts that are numbers, `true` or `false` become these.
    static String write(Node node) {
        StringBuilder out = new StringBuilder();
        write(node, out);
        return out.toString();
    }

    private static void write(Node node, StringBuilder out) {
        switch (node) {
            case Node.Nothing _ -> out.append("null");
            case Node.Text text -> {
                boolean isValue = text.plain()
                        && (text.text().equals("true")
                                || text.text().equals("false")
                                || NUMBER.matcher(text.text()).matches());
                if (isValue) {
                    out.append(text.text());
                } else {
                    quote(text.text(), out);
                }
            }
            case Node.Items list -> {
                out.append('[');
                String between = "";
                for (Node item : list.items()) {
                    out.append(between);
                    write(item, out);
                    between = ",";
                }
                out.append(']');
            }
            case Node.Members map -> {
                out.append('{');
                String between = "";
                for (Map.Entry<String, Node> member : map.members().entrySet()) {
                    out.append(between);
                    quote(member.getKey(), out);
                    out.append(':');
                    write(member.getValue(), out);
                    between = ",";
                }
                out.append('}');
            }
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
