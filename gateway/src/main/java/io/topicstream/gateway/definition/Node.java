package io.topicstream.gateway.definition;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A piece of a definition as it was written: a text, a list, members, or nothing. Immutable; knows its line,
/// from 1, or 0 where it was made here.
sealed interface Node {
    int line();

    /// What it is, for a sentence: "a list".
    String kind();

    /// A scalar.
    ///
    /// @param plain whether it stood there without quotes, so that `true` and `7` may be more than text
    record Text(String text, boolean plain, int line) implements Node {
        @Override
        public String kind() {
            return "a text";
        }
    }

    /// A list.
    record Items(List<Node> items, int line) implements Node {
        public Items {
            items = List.copyOf(items);
        }

        @Override
        public String kind() {
            return "a list";
        }
    }

    /// Names and what stands at them, in their order.
    record Members(Map<String, Node> members, int line) implements Node {
        static final Members NONE = new Members(Map.of(), 0);

        public Members {
            members = Collections.unmodifiableMap(new LinkedHashMap<>(members));
        }

        @Override
        public String kind() {
            return "a mapping";
        }

        boolean has(String name) {
            return members.containsKey(name);
        }

        /// What stands at a name, or [Nothing].
        Node at(String name) {
            return members.getOrDefault(name, new Nothing(line));
        }

        /// The members at a name, or none where something else stands there.
        Members membersAt(String name) {
            return at(name) instanceof Members found ? found : NONE;
        }

        /// The text at a name, or an empty one.
        String textAt(String name) {
            return at(name) instanceof Text found ? found.text() : "";
        }

        /// These, and one more or another in its place.
        Members with(String name, Node value) {
            Map<String, Node> all = new LinkedHashMap<>(members);
            all.put(name, value);
            return new Members(all, line);
        }
    }

    /// Nothing, `null` or an empty place.
    record Nothing(int line) implements Node {
        @Override
        public String kind() {
            return "nothing";
        }
    }

    /// A text that was not written but made.
    static Text text(String text) {
        return new Text(text, false, 0);
    }

    /// Members with one name, for instance an intrinsic function.
    static Members call(String name, Node argument) {
        return new Members(Map.of(name, argument), argument.line());
    }

    /// A list of what was made.
    static Items items(Node... items) {
        return new Items(List.of(items), 0);
    }

    /// Two nodes as one: members are joined, lists are put behind each other, else the second counts.
    static Node merged(Node general, Node particular) {
        if (general instanceof Members all && particular instanceof Members own && !isCall(all) && !isCall(own)) {
            Map<String, Node> both = new LinkedHashMap<>(all.members());
            own.members().forEach((name, value) -> both.merge(name, value, Node::merged));
            return new Members(both, own.line());
        }
        if (general instanceof Items all && particular instanceof Items own) {
            List<Node> both = new ArrayList<>(all.items());
            both.addAll(own.items());
            return new Items(both, own.line());
        }
        return particular;
    }

    /// Whether members are an intrinsic function.
    static boolean isCall(Members members) {
        if (members.members().size() != 1) {
            return false;
        }
        String name = members.members().keySet().iterator().next();
        return name.equals("Ref") || name.startsWith("Fn::");
    }
}
