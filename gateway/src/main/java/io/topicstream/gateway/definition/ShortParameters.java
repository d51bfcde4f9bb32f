package io.topicstream.gateway.definition;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Puts parameters in the place of `${NAME}` in the short form. A name has no dot, so `${request.body.x}` and
/// `${stageVariables.x}` stay; `$${` is a `${` that stays.
final class ShortParameters {
    private static final Pattern PLACE = Pattern.compile("\\$\\$\\{|\\$\\{([A-Za-z][A-Za-z0-9_]*)\\}");

    private final Map<String, String> values;
    private final Set<String> verbatim;
    private final Set<String> unused;

    /// @param verbatim names of members whose texts stay as they are
    ShortParameters(Map<String, String> values, Set<String> verbatim) {
        this.values = values;
        this.verbatim = verbatim;
        this.unused = new TreeSet<>(values.keySet());
        unused.removeAll(Account.GIVEN);
    }

    /// The node with all values in their places.
    ///
    /// @throws Wrong where a value is not given
    Node put(Node node) {
        return switch (node) {
            case Node.Nothing nothing -> nothing;
            case Node.Text text -> put(text);
            case Node.Items list -> {
                List<Node> items = new ArrayList<>();
                list.items().forEach(item -> items.add(put(item)));
                yield new Node.Items(items, list.line());
            }
            case Node.Members map -> {
                Map<String, Node> members = new LinkedHashMap<>();
                map.members().forEach((name, value) -> members.put(name, verbatim.contains(name) ? value : put(value)));
                yield new Node.Members(members, map.line());
            }
        };
    }

    private Node put(Node.Text text) {
        Matcher places = PLACE.matcher(text.text());
        StringBuilder out = new StringBuilder();
        while (places.find()) {
            @Nullable String name = places.group(1);
            @Nullable String value = name == null ? "${" : values.get(name);
            if (value == null) {
                throw new Wrong(
                        text.line(),
                        "the parameter " + name + " has no value; give it one: --parameter " + name + "=…");
            }
            if (name != null) {
                unused.remove(name);
            }
            places.appendReplacement(out, Matcher.quoteReplacement(value));
        }
        return new Node.Text(places.appendTail(out).toString(), text.plain(), text.line());
    }

    /// The parameters that stood nowhere so far.
    Set<String> unused() {
        return unused;
    }
}
