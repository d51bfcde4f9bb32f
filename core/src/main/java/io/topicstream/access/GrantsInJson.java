package io.topicstream.access;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.json.JsonWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Grants as JSON has them, of keys, tokens and an authorizer:
/// `[{"topics": "orders*", "allow": ["publish", …]}, …]`.
/// What is not known in one is refused: a slip in a member's name must not make a grant of everything.
public final class GrantsInJson {
    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member TOPICS = MEMBERS.add("topics");
    private static final JsonObjectReader.Member ALLOW = MEMBERS.add("allow", JsonObjectReader.Trait.LIST);
    // What the two were called in 0.1.0.
    private static final JsonObjectReader.Member PATTERN = MEMBERS.add("pattern");
    private static final JsonObjectReader.Member PERMISSIONS = MEMBERS.add("permissions", JsonObjectReader.Trait.LIST);

    private static final byte[] MEMBER_BEGIN = ascii(",\"grants\":[");
    private static final byte[] TOPICS_BEGIN = ascii("{\"topics\":");
    private static final byte[] ALLOW_BEGIN = ascii(",\"allow\":[");
    private static final byte[] LIST_END = ascii("]}");

    private GrantsInJson() {}

    /// Reads a member that is a list of grants.
    ///
    /// @param reader has read an object in which `member` is one
    /// @param text that it has read
    /// @throws IllegalArgumentException if they are none, saying why for the eyes of who wrote them
    public static List<Grant> read(JsonObjectReader reader, JsonObjectReader.Member member, byte[] text) {
        if (reader.kind(member) != JsonObjectReader.Kind.ARRAY) {
            throw new IllegalArgumentException("\"grants\" is a list");
        }
        List<Grant> grants = new ArrayList<>();
        JsonObjectReader one = MEMBERS.build();
        reader.elements(member, (start, end) -> {
            if (!one.read(text, start, end)) {
                throw new IllegalArgumentException("a grant is an object: " + one.problem());
            }
            for (String name : one.otherNames()) {
                throw new IllegalArgumentException("a grant has no \"" + name + "\"");
            }
            JsonObjectReader.Member topics = either(one, TOPICS, PATTERN);
            JsonObjectReader.Member allow = either(one, ALLOW, PERMISSIONS);
            String pattern = topics == null ? null : one.string(topics);
            if (pattern == null || allow == null || one.kind(allow) != JsonObjectReader.Kind.ARRAY) {
                throw new IllegalArgumentException("a grant has \"topics\" and a list of what to \"allow\"");
            }
            Set<Permission> permissions = EnumSet.noneOf(Permission.class);
            one.elements(allow, (from, to) -> permissions.add(permission(text, from, to)));
            grants.add(new Grant(pattern, permissions));
        });
        return grants;
    }

    /// Which of a member's two names is there, if any.
    private static JsonObjectReader.@Nullable Member either(
            JsonObjectReader reader, JsonObjectReader.Member name, JsonObjectReader.Member olderName) {
        if (reader.has(name) && reader.has(olderName)) {
            throw new IllegalArgumentException("\"pattern\" and \"permissions\" are older names of \"topics\" and"
                    + " \"allow\"; a grant has each once");
        }
        return reader.has(name) ? name : reader.has(olderName) ? olderName : null;
    }

    private static Permission permission(byte[] text, int from, int to) {
        for (Permission permission : Permission.values()) {
            byte[] quoted = ascii("\"" + permission.wireName() + "\"");
            if (Arrays.equals(quoted, 0, quoted.length, text, from, to)) {
                return permission;
            }
        }
        throw new IllegalArgumentException("that is no permission; they are " + Permission.wireNames());
    }

    /// Writes them as a member `grants`, with a comma in front.
    ///
    /// @param given those of a key; null for [Grant#DEFAULT]
    public static void write(@Nullable List<Grant> given, JsonWriter out) {
        List<Grant> grants = given == null ? Grant.DEFAULT : given;
        out.raw(MEMBER_BEGIN);
        for (int i = 0; i < grants.size(); i++) {
            if (i > 0) {
                out.raw(',');
            }
            out.raw(TOPICS_BEGIN).string(grants.get(i).pattern()).raw(ALLOW_BEGIN);
            boolean isFirst = true;
            for (Permission permission : Permission.values()) {
                if (grants.get(i).permissions().contains(permission)) {
                    if (!isFirst) {
                        out.raw(',');
                    }
                    isFirst = false;
                    out.string(permission.wireName());
                }
            }
            out.raw(LIST_END);
        }
        out.raw(']');
    }
}
