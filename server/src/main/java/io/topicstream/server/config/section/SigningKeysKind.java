package io.topicstream.server.config.section;

import io.topicstream.gateway.signature.Credentials;
import io.topicstream.gateway.signature.SigningKey;
import io.topicstream.settings.ConfigNode;
import io.topicstream.settings.EntriesKind;
import io.topicstream.settings.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The list of keys that callers sign with. No secret is shown or named in a problem.
final class SigningKeysKind extends EntriesKind<SigningKeysKind.Written> {
    private static final Set<String> KEYS = Set.of("id", "secret", "name", "allow");
    private static final Set<String> ALLOW_KEYS = Set.of("action", "resource");
    private static final SigningKey.Allow EVERYTHING = new SigningKey.Allow("execute-api:*", "*");

    SigningKeysKind() {
        super("a list of {id, secret, name?, allow?}; allow is a list of {action, resource?}, and everything without");
    }

    /// A key as it stands in the list.
    ///
    /// @param name the same as `id` where none is written
    record Written(String id, String secret, String name, List<SigningKey.Allow> allows) {
        SigningKey of(String account) {
            return new SigningKey(
                    new Credentials(id, secret, null), name, "arn:aws:iam::" + account + ":user/" + name, allows);
        }

        /// Without the secret.
        @Override
        public String toString() {
            return id;
        }
    }

    @Override
    protected boolean fit(List<Written> keys, ConfigNode.Sequence list, String path, Place where, Problems problems) {
        long ids = keys.stream().map(Written::id).distinct().count();
        if (ids < keys.size()) {
            problems.add(where.at(list), path + " has the same id twice");
        }
        return ids == keys.size();
    }

    @Override
    public String show(List<Written> keys) {
        return keys.isEmpty()
                ? ""
                : keys.stream().map(Written::id).collect(Collectors.joining(", ", "(hidden) of ", ""));
    }

    @Override
    protected @Nullable Written entry(ConfigNode node, String path, Place where, Problems problems) {
        @Nullable Map<String, ConfigNode> members = members(node, path, KEYS, where, problems);
        if (members == null) {
            return null;
        }
        @Nullable String id = required(members, "id", node, path, where, problems);
        @Nullable String secret = required(members, "secret", node, path, where, problems);
        @Nullable List<SigningKey.Allow> allows = allows(members.get("allow"), path + ".allow", where, problems);
        if (id == null || secret == null || allows == null) {
            return null;
        }
        if (!id.matches("[A-Za-z0-9]{3,128}") || secret.isBlank()) {
            problems.add(where.at(node), path + " has an id of 3 to 128 letters and digits, and a secret");
            return null;
        }
        @Nullable ConfigNode name = members.get("name");
        if (name == null) {
            return new Written(id, secret, id, allows);
        }
        if (name instanceof ConfigNode.Text text && text.text().matches("[A-Za-z0-9_+=,.@/-]{1,128}")) {
            return new Written(id, secret, text.text(), allows);
        }
        problems.add(where.at(name), path + ".name is " + describe(name) + "; allowed is a name as IAM has them");
        return null;
    }

    private @Nullable List<SigningKey.Allow> allows(
            @Nullable ConfigNode written, String path, Place where, Problems problems) {
        if (written == null) {
            return List.of(EVERYTHING);
        }
        if (!(written instanceof ConfigNode.Sequence sequence)) {
            problems.add(where.at(written), path + " is " + describe(written) + "; allowed is a list");
            return null;
        }
        List<SigningKey.Allow> allows = new ArrayList<>();
        for (int i = 0; i < sequence.items().size(); i++) {
            ConfigNode item = sequence.items().get(i);
            @Nullable
            Map<String, ConfigNode> members = members(item, path + "[" + i + "]", ALLOW_KEYS, where, problems);
            @Nullable
            String action =
                    members == null ? null : required(members, "action", item, path + "[" + i + "]", where, problems);
            if (members == null || action == null) {
                return null;
            }
            allows.add(new SigningKey.Allow(
                    action, members.get("resource") instanceof ConfigNode.Text text ? text.text() : "*"));
        }
        return List.copyOf(allows);
    }
}
