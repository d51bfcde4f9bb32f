package io.topicstream.server.identity;

import io.topicstream.access.Grant;
import io.topicstream.access.Permission;
import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonObjectReader.Kind;
import io.topicstream.json.JsonObjectReader.Member;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a token grants: a list of `orders*=publish,read`, or of objects as
/// `{"topics": "orders*", "allow": ["publish", "read"]}`; or one text with several of the first kind and spaces between
/// them, for issuers whose claims are texts.
final class GrantsClaim {
    /// The most grants of a token.
    static final int MAX_GRANTS = 100;

    private static final Set<Permission> BY_NAME_ONLY = EnumSet.of(Permission.ADMIN, Permission.METRICS);
    private static final JsonObjectReader.Builder GRANT = new JsonObjectReader.Builder();
    private static final Member TOPICS = GRANT.add("topics");
    private static final Member ALLOW = GRANT.add("allow");

    private GrantsClaim() {}

    /// Reads it.
    ///
    /// @return null if it is nothing of the kind; the list may be empty, and its bearer may then do nothing
    static @Nullable List<Grant> read(JsonObjectReader said, Member claim) {
        try {
            @Nullable String text = said.string(claim);
            if (text != null) {
                return bounded(Stream.of(text.strip().split(" +"))
                        .filter(one -> !one.isEmpty())
                        .map(GrantsClaim::parse)
                        .toList());
            }
            if (said.kind(claim) != Kind.ARRAY) {
                return null;
            }
            @Nullable List<String> texts = said.texts(claim, MAX_GRANTS);
            return texts == null
                    ? objects(said.raw(claim))
                    : texts.stream().map(GrantsClaim::parse).toList();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    /// The same without what is only given where the issuer may.
    static List<Grant> modest(List<Grant> grants) {
        List<Grant> modest = new ArrayList<>();
        for (Grant grant : grants) {
            Set<Permission> left = EnumSet.copyOf(grant.permissions());
            left.removeAll(BY_NAME_ONLY);
            if (!left.isEmpty()) {
                modest.add(new Grant(grant.pattern(), left));
            }
        }
        return modest;
    }

    /// As on a command line, but it must say for which topics.
    private static Grant parse(String text) {
        if (text.indexOf('=') < 0) {
            throw new IllegalArgumentException("a grant names topics");
        }
        return Grant.parse(text);
    }

    private static List<Grant> objects(byte[] array) {
        JsonObjectReader reader = GRANT.build();
        List<Grant> grants = new ArrayList<>();
        reader.begin(array, array.length);
        int at = reader.scanner().skipSpace(1);
        while (array[at] != ']') {
            at = reader.scanner().skipSpace(reader.readValue(at));
            @Nullable String topics = reader.string(TOPICS);
            if (reader.problem() != null
                    || topics == null
                    || !reader.otherNames().isEmpty()) {
                throw new IllegalArgumentException("no grant");
            }
            grants.add(new Grant(topics, permissions(reader)));
            bounded(grants);
            if (array[at] == ',') {
                at = reader.scanner().skipSpace(at + 1);
            }
        }
        return grants;
    }

    private static Set<Permission> permissions(JsonObjectReader reader) {
        @Nullable String one = reader.string(ALLOW);
        @Nullable List<String> names = one == null ? reader.texts(ALLOW, MAX_GRANTS) : List.of(one);
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        for (String name : names == null ? List.<String>of() : names) {
            @Nullable Permission permission = Permission.of(name);
            if (permission == null) {
                throw new IllegalArgumentException("no permission");
            }
            permissions.add(permission);
        }
        return permissions;
    }

    private static List<Grant> bounded(List<Grant> grants) {
        if (grants.size() > MAX_GRANTS) {
            throw new IllegalArgumentException("too many grants");
        }
        return grants;
    }
}
