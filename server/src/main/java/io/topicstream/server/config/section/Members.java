package io.topicstream.server.config.section;

import io.topicstream.server.config.setting.ConfigNode;
import io.topicstream.server.config.setting.Kind;
import io.topicstream.server.config.setting.Nearest;
import io.topicstream.server.config.setting.Problems;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Reads the members of a mapping that is an item of a list.
final class Members {
    private Members() {}

    /// The members by their keys, or null, with the problem noted, if it is no mapping or has others.
    ///
    /// @param path of the item, for problems
    /// @param allowed what is allowed in the list, in words
    static @Nullable Map<String, ConfigNode> of(
            ConfigNode node, String path, Set<String> known, String allowed, Kind.Place where, Problems problems) {
        if (!(node instanceof ConfigNode.Mapping mapping)) {
            problems.add(where.at(node), path + " is none; allowed is " + allowed);
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

    /// The text of a member that must be there, or null, with the problem noted.
    static @Nullable String required(
            Map<String, ConfigNode> members,
            String key,
            ConfigNode node,
            String path,
            Kind.Place where,
            Problems problems) {
        if (members.get(key) instanceof ConfigNode.Text text) {
            return text.text();
        }
        problems.add(where.at(node), path + "." + key + " is missing");
        return null;
    }
}
