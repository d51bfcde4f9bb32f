package io.topicstream.access;

import static io.topicstream.json.JsonWriter.ascii;

import io.topicstream.json.JsonWriter;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Grants as those who administer see them: a list of `{"topics", "allow": […]}`.
public final class GrantsJson {
    private static final byte[] MEMBER = ascii(",\"grants\":[");
    private static final byte[] TOPICS = ascii("{\"topics\":");
    private static final byte[] ALLOW = ascii(",\"allow\":[");
    private static final byte[] LIST_END = ascii("]}");

    private GrantsJson() {}

    /// Writes them as a member `grants`, with a comma in front.
    ///
    /// @param given those of a key; null for [Grant#DEFAULT]
    public static void write(@Nullable List<Grant> given, JsonWriter out) {
        List<Grant> grants = given == null ? Grant.DEFAULT : given;
        out.raw(MEMBER);
        for (int i = 0; i < grants.size(); i++) {
            if (i > 0) {
                out.raw(',');
            }
            out.raw(TOPICS).string(grants.get(i).pattern()).raw(ALLOW);
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
