package io.topicstream.settings.section;

import io.topicstream.access.Grant;
import io.topicstream.access.Permission;
import io.topicstream.settings.ConfigNode;
import io.topicstream.settings.EntriesKind;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Problems;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A list of grants, as a member of an entry of another list. It may be empty: nothing is granted then.
public final class GrantsKind extends EntriesKind<Grant> {
    public static final Kind<List<Grant>> GRANTS = new GrantsKind();

    private static final Set<String> KEYS = Set.of("topics", "allow");

    private GrantsKind() {
        super("a list of {topics, allow}");
    }

    @Override
    protected @Nullable Grant entry(ConfigNode node, String path, Place where, Problems problems) {
        @Nullable Map<String, ConfigNode> members = members(node, path, KEYS, where, problems);
        if (members == null) {
            return null;
        }
        @Nullable String topics = required(members, "topics", node, path, where, problems);
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        @Nullable ConfigNode allow = members.get("allow");
        List<ConfigNode> items = switch (allow) {
            case ConfigNode.Sequence sequence -> sequence.items();
            case ConfigNode.Text text -> List.of(text);
            case ConfigNode.Nothing _, ConfigNode.Mapping _ -> List.of();
            case null -> List.of();
        };
        boolean right = !items.isEmpty();
        for (ConfigNode item : items) {
            @Nullable Permission permission = item instanceof ConfigNode.Text text ? Permission.of(text.text()) : null;
            right &= permission != null;
            if (permission != null) {
                permissions.add(permission);
            }
        }
        if (!right) {
            problems.add(
                    where.at(node), path + ".allow is not a list of permissions; they are " + Permission.wireNames());
        }
        if (topics == null || !right) {
            return null;
        }
        try {
            return new Grant(topics, permissions);
        } catch (IllegalArgumentException e) {
            problems.add(
                    where.at(node),
                    path + ".topics is " + describe(new ConfigNode.Text(topics, 0))
                            + "; allowed is a topic's name, or the beginning of one and '*'");
            return null;
        }
    }

    @Override
    protected boolean fit(List<Grant> grants, ConfigNode.Sequence list, String path, Place where, Problems problems) {
        return true;
    }

    @Override
    public String show(List<Grant> grants) {
        return grants.stream().map(Grant::pattern).collect(Collectors.joining(", "));
    }
}
