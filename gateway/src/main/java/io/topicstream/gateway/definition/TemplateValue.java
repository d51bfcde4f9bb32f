package io.topicstream.gateway.definition;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// A value of a template, without intrinsic functions: a text, a list, members, or nothing. Numbers and truth values
/// are texts. Immutable.
public final class TemplateValue {
    private static final TemplateValue NOTHING = new TemplateValue(new Node.Nothing(0));

    private final Node node;

    TemplateValue(Node node) {
        this.node = node;
    }

    static TemplateValue nothing() {
        return NOTHING;
    }

    /// What a text of JSON says.
    ///
    /// @throws IllegalArgumentException where it is no JSON
    public static TemplateValue ofJson(String text) {
        try {
            return new TemplateValue(JsonNodes.read(text));
        } catch (Wrong e) {
            throw new IllegalArgumentException(e.text(), e);
        }
    }

    /// Whether there is nothing.
    public boolean isNothing() {
        return node instanceof Node.Nothing;
    }

    /// Whether it is a text, a number or a truth value.
    public boolean isText() {
        return node instanceof Node.Text;
    }

    /// Whether it is a list.
    public boolean isList() {
        return node instanceof Node.Items;
    }

    /// The text; empty where it is something else.
    public String text() {
        return node instanceof Node.Text text ? text.text() : "";
    }

    /// What stands at a name, or at one below it, and so on; nothing where there is no such member.
    public TemplateValue at(String... path) {
        Node found = node;
        for (String name : path) {
            found = found instanceof Node.Members members ? members.at(name) : new Node.Nothing(0);
        }
        return new TemplateValue(found);
    }

    /// The names of its members; none where it has no members.
    public Set<String> names() {
        return node instanceof Node.Members members ? members.members().keySet() : Set.of();
    }

    /// What is in the list; nothing where it is something else.
    public List<TemplateValue> items() {
        return node instanceof Node.Items items
                ? items.items().stream().map(TemplateValue::new).toList()
                : List.of();
    }

    /// The texts among its members, by their names.
    public Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        names().forEach(name -> {
            if (at(name).isText()) {
                texts.put(name, at(name).text());
            }
        });
        return texts;
    }
}
