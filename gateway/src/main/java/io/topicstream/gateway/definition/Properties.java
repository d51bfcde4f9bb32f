package io.topicstream.gateway.definition;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The properties of a resource, evaluated and of the type that is asked for. What is wrong with one is told at its
/// place,
/// once, and then it is as if it were not there. For one thread.
final class Properties {
    private final Stack stack;
    private final Resource resource;
    private final Problems problems;
    private final Set<String> wrong = new HashSet<>();

    Properties(Stack stack, Resource resource, Problems problems) {
        this.stack = stack;
        this.resource = resource;
        this.problems = problems;
    }

    Stack stack() {
        return stack;
    }

    Resource resource() {
        return resource;
    }

    /// What `Ref` of the resource gives: its id.
    String id() {
        return stack.refOf(resource);
    }

    boolean has(String name) {
        return resource.properties().has(name) && value(name) != null;
    }

    /// Whether something was found wrong with a property.
    boolean isWrong(String name) {
        return wrong.contains(name);
    }

    /// Tells that a property is wrong.
    void error(String name, String text) {
        if (wrong.add(name)) {
            problems.error(stack.template().file(), line(name), resource.place(name), text);
        }
    }

    /// Tells something of a property.
    void finding(String name, String text) {
        problems.finding(stack.template().file(), line(name), resource.place(name), text);
    }

    /// Tells something of the resource.
    void finding(String text) {
        problems.finding(stack.template().file(), resource.line(), resource.place(), text);
    }

    /// Tells that the resource is wrong.
    void error(String text) {
        problems.error(stack.template().file(), resource.line(), resource.place(), text);
    }

    private int line(String name) {
        int line = resource.properties().at(name.replaceFirst("\\..*", "")).line();
        return line == 0 ? resource.line() : line;
    }

    /// Refuses properties of other names.
    ///
    /// @param others why other names are refused, by these names
    void requireKnown(Set<String> known, Map<String, String> others) {
        for (String name : resource.properties().members().keySet()) {
            if (others.containsKey(name)) {
                error(name, others.getOrDefault(name, ""));
            } else if (!known.contains(name)) {
                error(name, "is not a property of " + resource.type() + Spelling.didYouMean(name, known));
            }
        }
    }

    /// Refuses a resource in which one of these is missing.
    void require(String... names) {
        for (String name : names) {
            if (!wrong.contains(name) && !has(name)) {
                error(name, "is missing");
            }
        }
    }

    /// A value without functions, or null if there is none.
    @Nullable
    Node value(String name) {
        if (wrong.contains(name) || !resource.properties().has(name)) {
            return null;
        }
        Node written = resource.properties().at(name);
        try {
            @Nullable Node value = stack.evaluate(written);
            if (value instanceof Node.Nothing) {
                error(name, "has no value");
                return null;
            }
            return value;
        } catch (Wrong e) {
            wrong.add(name);
            int line = e.line() == 0 ? line(name) : e.line();
            problems.error(stack.template().file(), line, resource.place(name), e.text());
            return null;
        }
    }

    @Nullable
    String text(String name) {
        @Nullable Node value = value(name);
        if (value instanceof Node.Text text) {
            return text.text();
        }
        if (value != null) {
            error(name, "is a text, not " + value.kind());
        }
        return null;
    }

    /// Refuses a property that is there but no text.
    void requireText(String name) {
        text(name, "");
    }

    String text(String name, String otherwise) {
        @Nullable String text = text(name);
        return text == null ? otherwise : text;
    }

    boolean bool(String name) {
        @Nullable String text = text(name);
        if (text == null) {
            return false;
        }
        @Nullable Boolean value = bool(new Node.Text(text, true, 0));
        if (value == null) {
            error(name, "is true or false, not '" + text + "'");
        }
        return value != null && value;
    }

    /// The truth that a node says, or null if it says neither true nor false.
    static @Nullable Boolean bool(Node node) {
        return switch (node instanceof Node.Text text ? text.text().toLowerCase(Locale.ROOT) : "") {
            case "true" -> true;
            case "false" -> false;
            default -> null;
        };
    }

    /// A whole number in a range, or null if there is none.
    @Nullable
    Integer integer(String name, int least, int most) {
        @Nullable String text = text(name);
        if (text == null) {
            return null;
        }
        @Nullable Double value = number(new Node.Text(text, true, 0));
        if (value == null || value < least || value > most || value != Math.rint(value)) {
            error(name, "is a whole number from " + least + " to " + most + ", not '" + text + "'");
            return null;
        }
        return value.intValue();
    }

    /// The number from 0 that a node says, or null if it says no such number.
    static @Nullable Double number(Node node) {
        return node instanceof Node.Text text && text.text().matches("[0-9]{1,12}(\\.[0-9]{1,9})?")
                ? Double.valueOf(text.text())
                : null;
    }

    /// One of several texts, or the first of them.
    String oneOf(String name, String... allowed) {
        @Nullable String text = text(name);
        if (text == null) {
            return allowed[0];
        }
        if (!List.of(allowed).contains(text)) {
            error(name, "is " + orList(allowed) + ", not '" + text + "'");
            return allowed[0];
        }
        return text;
    }

    private static String orList(String... words) {
        List<String> all = List.of(words);
        return all.size() == 1
                ? all.getFirst()
                : String.join(", ", all.subList(0, all.size() - 1)) + " or " + all.getLast();
    }

    /// Members, or none.
    Node.Members members(String name) {
        @Nullable Node value = value(name);
        if (value instanceof Node.Members members) {
            return members;
        }
        if (value != null) {
            error(name, "is a mapping, not " + value.kind());
        }
        return Node.Members.NONE;
    }

    /// Texts by their names.
    Map<String, String> texts(String name) {
        return texts(name, members(name));
    }

    /// Texts by their names, of members below a property.
    Map<String, String> texts(String place, Node.Members members) {
        Map<String, String> texts = new LinkedHashMap<>();
        members.members().forEach((key, value) -> {
            if (value instanceof Node.Text text) {
                texts.put(key, text.text());
            } else {
                error(place + "." + key, "is a text, not " + value.kind());
            }
        });
        return texts;
    }

    /// Several texts; one alone may stand without a list.
    List<String> list(String name) {
        @Nullable Node value = value(name);
        List<String> texts = new ArrayList<>();
        if (value instanceof Node.Text one) {
            for (String part : one.text().split(",", -1)) {
                texts.add(part.strip());
            }
        } else if (value instanceof Node.Items several) {
            for (Node item : several.items()) {
                if (item instanceof Node.Text text) {
                    texts.add(text.text());
                } else {
                    error(name, "is a list of texts, and " + item.kind() + " is among them");
                }
            }
        } else if (value != null) {
            error(name, "is a list, not " + value.kind());
        }
        return texts;
    }

    /// Refuses a text that is not as it must be.
    ///
    /// @param what what it must be, for a sentence
    void requireMatch(String name, Pattern pattern, String what) {
        @Nullable String text = text(name);
        if (text != null && !pattern.matcher(text).matches()) {
            error(name, "is " + what + ", not '" + text + "'");
        }
    }
}
