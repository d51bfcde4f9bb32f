package io.topicstream.gateway.definition;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// CloudFormation's intrinsic functions on the values of one stack. For one thread.
///
/// What a name stands for the stack says ([Names]); everything else is worked out here. Each node and each
/// character that is made counts against the [Bounds].
final class Intrinsics {
    /// What references lead to.
    interface Names {
        /// What `Ref` gives, or null for `AWS::NoValue`.
        ///
        /// @throws Wrong if there is nothing of that name
        @Nullable
        Node ref(String name, int line);

        /// What `Fn::GetAtt` gives.
        ///
        /// @throws Wrong if there is no such resource
        Node attribute(String resource, String attribute, int line);
    }

    private final Names names;
    private final Node.Members mappings;
    private final Node.Members conditions;
    private final Bounds bounds;
    private final Map<String, Boolean> decided = new HashMap<>();
    private final Set<String> deciding = new HashSet<>();

    Intrinsics(Names names, Node.Members mappings, Node.Members conditions, Bounds bounds) {
        this.names = names;
        this.mappings = mappings;
        this.conditions = conditions;
        this.bounds = bounds;
    }

    /// The value of a node, without functions.
    ///
    /// @return null for `AWS::NoValue`
    /// @throws Wrong where it has none
    @Nullable
    Node evaluate(Node node) {
        bounds.charge(node.line(), node instanceof Node.Text text ? text.text().length() : 1);
        bounds.enter(node.line());
        try {
            return switch (node) {
                case Node.Text text -> text;
                case Node.Nothing nothing -> nothing;
                case Node.Items list -> items(list);
                case Node.Members map when Node.isCall(map) -> call(map);
                case Node.Members map -> members(map);
            };
        } finally {
            bounds.leave();
        }
    }

    private Node items(Node.Items list) {
        List<Node> values = new ArrayList<>();
        for (Node item : list.items()) {
            @Nullable Node value = evaluate(item);
            if (value != null) {
                values.add(value);
            }
        }
        return new Node.Items(values, list.line());
    }

    private Node members(Node.Members map) {
        Map<String, Node> values = new LinkedHashMap<>();
        map.members().forEach((name, member) -> {
            if (name.startsWith("Fn::")) {
                throw new Wrong(member.line(), name + " stands alone; there is something beside it");
            }
            @Nullable Node value = evaluate(member);
            if (value != null) {
                values.put(name, value);
            }
        });
        return new Node.Members(values, map.line());
    }

    private @Nullable Node call(Node.Members map) {
        Map.Entry<String, Node> one = map.members().entrySet().iterator().next();
        Node argument = one.getValue();
        int line = map.line();
        return switch (one.getKey()) {
            case "Ref" -> at(line, names.ref(literal(argument, "Ref"), line));
            case "Fn::GetAtt" -> attribute(argument, line);
            case "Fn::Sub" -> text(substituted(argument, line), line);
            case "Fn::Join" -> join(arguments(argument, 2, "Fn::Join"), line);
            case "Fn::Select" -> select(arguments(argument, 2, "Fn::Select"), line);
            case "Fn::Split" -> split(arguments(argument, 2, "Fn::Split"), line);
            case "Fn::If" -> {
                List<Node> parts = arguments(argument, 3, "Fn::If");
                yield evaluate(parts.get(holds(literal(parts.get(0), "Fn::If"), line) ? 1 : 2));
            }
            case "Fn::FindInMap" -> findInMap(argument, line);
            case "Fn::Base64" ->
                text(
                        Base64.getEncoder()
                                .encodeToString(textOf(argument, "Fn::Base64").getBytes(StandardCharsets.UTF_8)),
                        line);
            case "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not" -> text(String.valueOf(condition(map)), line);
            case "Fn::ToJsonString" -> text(JsonNodes.write(required(argument, "Fn::ToJsonString")), line);
            case "Fn::Length" ->
                text(String.valueOf(list(argument, "Fn::Length").items().size()), line);
            case "Fn::GetAZs" -> zones(argument, line);
            case "Fn::ImportValue" ->
                throw new Wrong(
                        line,
                        "Fn::ImportValue wants what another stack exports, and there is no other stack here; make it a"
                                + " parameter");
            case "Fn::Transform" -> throw new Wrong(line, "Fn::Transform runs on AWS only; load what it makes of this");
            default -> throw new Wrong(line, one.getKey() + " is no function that is known here");
        };
    }

    /// What a `Fn::Sub` gives.
    private String substituted(Node argument, int line) {
        String format;
        Node.Members variables = Node.Members.NONE;
        if (argument instanceof Node.Items parts) {
            List<Node> two = arguments(parts, 2, "Fn::Sub");
            format = literal(two.get(0), "Fn::Sub");
            if (!(two.get(1) instanceof Node.Members given)) {
                throw new Wrong(
                        line,
                        "the second part of Fn::Sub is a mapping, not "
                                + two.get(1).kind());
            }
            variables = given;
        } else {
            format = literal(argument, "Fn::Sub");
        }
        StringBuilder out = new StringBuilder();
        int at = 0;
        for (int start = format.indexOf("${"); start >= 0; start = format.indexOf("${", at)) {
            int end = format.indexOf('}', start);
            if (end < 0) {
                break;
            }
            out.append(format, at, start);
            String name = format.substring(start + 2, end).strip();
            if (name.startsWith("!")) {
                out.append("${").append(name.substring(1)).append('}');
            } else {
                String value = variables.has(name) ? textOf(variables.at(name), "Fn::Sub") : referenced(name, line);
                bounds.charge(line, value.length());
                out.append(value);
            }
            at = end + 1;
        }
        return out.append(format, at, format.length()).toString();
    }

    private String referenced(String name, int line) {
        int dot = name.indexOf('.');
        try {
            if (dot > 0) {
                return asText(
                        names.attribute(name.substring(0, dot), name.substring(dot + 1), line), "${" + name + "}");
            }
            @Nullable Node value = names.ref(name, line);
            return value == null ? "" : asText(value, "${" + name + "}");
        } catch (Wrong e) {
            throw e.text().startsWith("there is no ")
                    ? new Wrong(line, e.text() + " (write ${!" + name + "} where it shall stay in the text)")
                    : e;
        }
    }

    private Node attribute(Node argument, int line) {
        if (argument instanceof Node.Items parts && parts.items().size() >= 2) {
            List<String> names = new ArrayList<>();
            for (Node part : parts.items().subList(1, parts.items().size())) {
                names.add(textOf(part, "Fn::GetAtt"));
            }
            return this.names.attribute(literal(parts.items().getFirst(), "Fn::GetAtt"), String.join(".", names), line);
        }
        String name = literal(argument, "Fn::GetAtt");
        int dot = name.indexOf('.');
        if (dot <= 0 || dot == name.length() - 1) {
            throw new Wrong(line, "Fn::GetAtt wants a resource and an attribute, for instance Function.Arn");
        }
        return names.attribute(name.substring(0, dot), name.substring(dot + 1), line);
    }

    private Node join(List<Node> parts, int line) {
        String between = literal(parts.get(0), "Fn::Join");
        StringBuilder out = new StringBuilder();
        String before = "";
        for (Node item : list(parts.get(1), "Fn::Join").items()) {
            String value = asText(item, "Fn::Join");
            bounds.charge(line, value.length() + between.length());
            out.append(before).append(value);
            before = between;
        }
        return text(out.toString(), line);
    }

    private Node select(List<Node> parts, int line) {
        String index = textOf(parts.get(0), "Fn::Select");
        List<Node> items = list(parts.get(1), "Fn::Select").items();
        if (!index.matches("[0-9]{1,9}") || Integer.parseInt(index) >= items.size()) {
            throw new Wrong(line, "Fn::Select wants item " + index + " of a list of " + items.size());
        }
        return items.get(Integer.parseInt(index));
    }

    private Node split(List<Node> parts, int line) {
        String between = literal(parts.get(0), "Fn::Split");
        if (between.isEmpty()) {
            throw new Wrong(line, "Fn::Split wants something to split at");
        }
        String whole = textOf(parts.get(1), "Fn::Split");
        List<Node> pieces = new ArrayList<>();
        int at = 0;
        for (int end = whole.indexOf(between); end >= 0; end = whole.indexOf(between, at)) {
            bounds.charge(line, 1);
            pieces.add(text(whole.substring(at, end), line));
            at = end + between.length();
        }
        pieces.add(text(whole.substring(at), line));
        return new Node.Items(pieces, line);
    }

    private Node findInMap(Node argument, int line) {
        if (!(argument instanceof Node.Items list) || list.items().size() < 3) {
            throw new Wrong(line, "Fn::FindInMap wants the names of a mapping and of two keys");
        }
        List<Node> parts = list.items();
        String map = textOf(parts.get(0), "Fn::FindInMap");
        String first = textOf(parts.get(1), "Fn::FindInMap");
        String second = textOf(parts.get(2), "Fn::FindInMap");
        if (mappings.membersAt(map).membersAt(first).has(second)) {
            return mappings.membersAt(map).membersAt(first).at(second);
        }
        if (parts.size() == 4 && parts.get(3) instanceof Node.Members more && more.has("DefaultValue")) {
            return required(more.at("DefaultValue"), "DefaultValue");
        }
        throw new Wrong(line, "there is no value " + first + "." + second + " in the mapping " + map);
    }

    private Node zones(Node argument, int line) {
        String region = textOf(argument, "Fn::GetAZs");
        if (region.isEmpty()) {
            region = asText(required(Node.call("Ref", Node.text("AWS::Region")), "AWS::Region"), "AWS::Region");
        }
        String of = region;
        return new Node.Items(
                Stream.of("a", "b", "c").map(zone -> text(of + zone, line)).toList(), line);
    }

    /// Whether a condition of the template holds.
    ///
    /// @throws Wrong if there is none of that name, or if it asks for itself
    boolean holds(String name, int line) {
        @Nullable Boolean known = decided.get(name);
        if (known != null) {
            return known;
        }
        if (!conditions.has(name)) {
            throw new Wrong(
                    line,
                    "there is no condition " + name
                            + Spelling.didYouMean(name, conditions.members().keySet()));
        }
        if (!deciding.add(name)) {
            throw new Wrong(line, "the condition " + name + " asks for itself");
        }
        bounds.enter(line);
        try {
            boolean value = condition(conditions.at(name));
            decided.put(name, value);
            return value;
        } finally {
            bounds.leave();
            deciding.remove(name);
        }
    }

    private boolean condition(Node node) {
        bounds.charge(node.line(), 1);
        if (!(node instanceof Node.Members map) || map.members().size() != 1) {
            throw new Wrong(node.line(), "a condition is a function such as Fn::Equals, not " + node.kind());
        }
        Map.Entry<String, Node> one = map.members().entrySet().iterator().next();
        Node argument = one.getValue();
        return switch (one.getKey()) {
            case "Condition" -> holds(literal(argument, "Condition"), node.line());
            case "Fn::Equals" -> {
                List<Node> two = arguments(argument, 2, "Fn::Equals");
                yield textOf(two.get(0), "Fn::Equals").equals(textOf(two.get(1), "Fn::Equals"));
            }
            case "Fn::Not" -> !condition(arguments(argument, 1, "Fn::Not").getFirst());
            case "Fn::And" -> some(argument, "Fn::And").stream().allMatch(this::condition);
            case "Fn::Or" -> some(argument, "Fn::Or").stream().anyMatch(this::condition);
            default -> throw new Wrong(node.line(), one.getKey() + " says nothing that is true or false");
        };
    }

    private static List<Node> some(Node argument, String function) {
        if (!(argument instanceof Node.Items list) || list.items().isEmpty()) {
            throw new Wrong(argument.line(), function + " wants a list of conditions");
        }
        return list.items();
    }

    private static List<Node> arguments(Node argument, int count, String function) {
        if (!(argument instanceof Node.Items list) || list.items().size() != count) {
            throw new Wrong(argument.line(), function + " wants a list of " + count);
        }
        return list.items();
    }

    private Node required(Node node, String function) {
        @Nullable Node value = evaluate(node);
        if (value == null) {
            throw new Wrong(node.line(), function + " gets no value");
        }
        return value;
    }

    private Node.Items list(Node node, String function) {
        Node value = required(node, function);
        if (!(value instanceof Node.Items list)) {
            throw new Wrong(node.line(), function + " wants a list, not " + value.kind());
        }
        return list;
    }

    private String textOf(Node node, String function) {
        return asText(required(node, function), function);
    }

    private static String asText(Node value, String what) {
        if (value instanceof Node.Text text) {
            return text.text();
        }
        throw new Wrong(value.line(), what + " wants a text, not " + value.kind());
    }

    private static String literal(Node node, String function) {
        if (node instanceof Node.Text text) {
            return text.text();
        }
        throw new Wrong(node.line(), function + " wants a plain text here, not " + node.kind());
    }

    /// A value where it is used: errors in it are told of that line.
    private static @Nullable Node at(int line, @Nullable Node value) {
        return value instanceof Node.Text text ? new Node.Text(text.text(), text.plain(), line) : value;
    }

    private static Node text(String value, int line) {
        return new Node.Text(value, false, line);
    }
}
