package io.topicstream.server.config.section;

import io.topicstream.access.Grant;
import io.topicstream.access.Identity;
import io.topicstream.access.StaticToken;
import io.topicstream.settings.ConfigNode;
import io.topicstream.settings.EntriesKind;
import io.topicstream.settings.Problems;
import io.topicstream.settings.section.GrantsKind;
import java.security.MessageDigest;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The list of static tokens. No token is kept, shown or named in a problem, only whom it stands for.
///
/// As one text (a variable, a flag) it is the same list in YAML's or JSON's short form.
final class TokensKind extends EntriesKind<StaticToken> {
    private static final Set<String> TOKEN_KEYS = Set.of("token", "user", "name", "grants", "expires");

    TokensKind() {
        super("a list of {token, user, name?, grants?, expires?}; a grant is {topics, allow}");
    }

    @Override
    protected boolean fit(
            List<StaticToken> tokens, ConfigNode.Sequence list, String path, Place where, Problems problems) {
        boolean right = true;
        for (int i = 0; i < tokens.size(); i++) {
            for (int j = 0; j < i; j++) {
                if (MessageDigest.isEqual(tokens.get(i).sha256(), tokens.get(j).sha256())) {
                    right = false;
                    problems.add(
                            where.at(list),
                            path + " has the same token twice, for "
                                    + tokens.get(j).user() + " and for "
                                    + tokens.get(i).user());
                }
            }
        }
        return right;
    }

    @Override
    public String show(List<StaticToken> tokens) {
        return tokens.isEmpty()
                ? ""
                : tokens.stream().map(StaticToken::user).collect(Collectors.joining(", ", "(hidden) of ", ""));
    }

    @Override
    protected @Nullable StaticToken entry(ConfigNode node, String path, Place where, Problems problems) {
        @Nullable Map<String, ConfigNode> members = members(node, path, TOKEN_KEYS, where, problems);
        if (members == null) {
            return null;
        }
        @Nullable String secret = required(members, "token", node, path, where, problems);
        @Nullable String user = required(members, "user", node, path, where, problems);
        boolean right = secret != null && user != null;
        if (secret != null && !StaticToken.isValid(secret)) {
            right = false;
            problems.add(
                    where.at(node),
                    path + ".token (hidden) is not one; allowed are " + StaticToken.MIN_LENGTH + " to "
                            + StaticToken.MAX_LENGTH + " visible ASCII characters, not beginning with 'ts_'");
        }
        if (user != null && !Identity.isValidUser(user)) {
            right = false;
            problems.add(
                    where.at(node),
                    path + ".user is " + describe(new ConfigNode.Text(user, 0)) + "; allowed are 1 to "
                            + Identity.MAX_USER_LENGTH
                            + " characters of A-Z a-z 0-9 . _ @ + -, not beginning with 'guest.'");
        }
        @Nullable String name = null;
        @Nullable ConfigNode written = members.get("name");
        if (written != null) {
            name = written instanceof ConfigNode.Text text && Identity.isValidName(text.text()) ? text.text() : null;
            if (name == null) {
                right = false;
                problems.add(
                        where.at(written),
                        path + ".name is " + describe(written) + "; allowed are 1 to " + Identity.MAX_NAME_LENGTH
                                + " visible characters");
            }
        }
        @Nullable Long expiresAtMs = expires(members.get("expires"), path, where, problems);
        @Nullable ConfigNode granted = members.get("grants");
        @Nullable
        List<Grant> grants =
                granted == null ? Grant.DEFAULT : GrantsKind.GRANTS.read(granted, path + ".grants", where, problems);
        return right && secret != null && user != null && expiresAtMs != null && grants != null
                ? StaticToken.of(secret, user, name, grants, expiresAtMs)
                : null;
    }

    private static @Nullable Long expires(@Nullable ConfigNode written, String path, Place where, Problems problems) {
        if (written == null) {
            return Identity.NEVER;
        }
        if (written instanceof ConfigNode.Text text) {
            try {
                return Instant.parse(text.text()).toEpochMilli();
            } catch (DateTimeException | ArithmeticException e) {
                // Told below, like everything else that is no instant.
            }
        }
        problems.add(
                where.at(written),
                path + ".expires is " + describe(written) + "; allowed is an instant such as 2030-12-31T23:59:59Z");
        return null;
    }
}
