package io.topicstream.settings;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A list of entries with named members. Problems name the entry: `access.tokens[1].user`.
///
/// As one text (a variable, a flag) it is the same list in YAML's or JSON's short form.
public abstract class EntriesKind<T> extends Kind<List<T>> {
    protected EntriesKind(String allowed) {
        super(allowed);
    }

    /// Reads one entry.
    ///
    /// @param path of the entry
    /// @return null if it is not one; why not is then among the problems
    protected abstract @Nullable T entry(ConfigNode node, String path, Place where, Problems problems);

    /// Whether the entries may stand beside each other; if not, that is then among the problems.
    protected abstract boolean fit(
            List<T> entries, ConfigNode.Sequence list, String path, Place where, Problems problems);

    @Override
    public final @Nullable List<T> read(ConfigNode written, String path, Place where, Problems problems) {
        @Nullable ConfigNode list = written;
        if (written instanceof ConfigNode.Text text) {
            // The parser's own words could quote a secret, so they are not repeated.
            list = YamlText.read(text.text(), path, new Problems());
        }
        if (!(list instanceof ConfigNode.Sequence sequence)) {
            problems.add(where.at(written), path + " is no such list; allowed is " + allowed());
            return null;
        }
        List<T> entries = new ArrayList<>();
        boolean right = true;
        for (int i = 0; i < sequence.items().size(); i++) {
            @Nullable T entry = entry(sequence.items().get(i), path + "[" + i + "]", where, problems);
            right &= entry != null;
            if (entry != null) {
                entries.add(entry);
            }
        }
        right &= fit(entries, sequence, path, where, problems);
        return right ? List.copyOf(entries) : null;
    }

    /// The members of an entry, by name; null where it has others than those that are known.
    protected final @Nullable Map<String, ConfigNode> members(
            ConfigNode node, String path, Set<String> known, Place where, Problems problems) {
        if (!(node instanceof ConfigNode.Mapping mapping)) {
            problems.add(where.at(node), path + " is none; allowed is " + allowed());
            return null;
        }
        Map<String, ConfigNode> members = new HashMap<>();
        boolean right = true;
        for (ConfigNode.Entry entry : mapping.entries()) {
            if (known.contains(entry.key())) {
                members.put(entry.key(), entry.value());
            } else {
                right = false;
                problems.add(
                        where.at(entry.value()),
                        path + "." + entry.key() + " is unknown" + Nearest.didYouMean(entry.key(), known));
            }
        }
        return right ? members : null;
    }

    /// The text of a member that must be there.
    protected static @Nullable String required(
            Map<String, ConfigNode> members, String key, ConfigNode node, String path, Place where, Problems problems) {
        if (members.get(key) instanceof ConfigNode.Text text) {
            return text.text();
        }
        problems.add(where.at(node), path + "." + key + " is missing");
        return null;
    }

    /// A member that may be left out; null then, and, with the problem noted, where it is wrong.
    protected static <T> @Nullable T member(
            Map<String, ConfigNode> members, String key, Kind<T> kind, String path, Place where, Problems problems) {
        @Nullable ConfigNode written = members.get(key);
        return written == null ? null : kind.read(written, path + "." + key, where, problems);
    }
}
