package io.topicstream.protocol;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.log.About;
import org.jspecify.annotations.Nullable;

/// Reads which message another one is about:
/// `{"offset":n,"as":"reply"|"edit"|"reaction"|"unreaction","value"?}`. Belongs to its thread; [#problem]
/// is about the last one read.
public final class AboutReader {
    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member OFFSET = MEMBERS.add("offset");
    private static final JsonObjectReader.Member AS = MEMBERS.add("as");
    private static final JsonObjectReader.Member VALUE = MEMBERS.add("value");

    private final JsonObjectReader reader = MEMBERS.build();
    private @Nullable String problem;

    /// A reader that has read nothing yet.
    public AboutReader() {}

    /// What stands in the text; null where it cannot be read, and [#problem] says why.
    ///
    /// @param text valid JSON
    public @Nullable About read(byte[] text, int from, int to) {
        problem = null;
        try {
            if (!reader.read(text, from, to)) {
                return refuse("\"about\" is an object: {\"offset\":n,\"as\":\"reply\"}");
            }
            long offset = reader.has(OFFSET) ? reader.integer(OFFSET) : JsonObjectReader.NOT_AN_INTEGER;
            if (offset < 1) {
                return refuse("\"about\" has an \"offset\" of 1 or more");
            }
            String name = reader.has(AS) ? reader.string(AS) : null;
            About.As as = name == null ? null : About.As.of(name);
            if (as == null) {
                return refuse("\"about\" has \"as\":\"reply\", \"edit\", \"reaction\" or \"unreaction\"");
            }
            String value = reader.has(VALUE) ? reader.string(VALUE) : null;
            if (reader.has(VALUE) && value == null) {
                return refuse("the \"value\" of a reaction is a string");
            }
            String wrong = About.valueFault(as, value);
            return wrong == null ? new About(offset, as, value) : refuse(wrong);
        } finally {
            reader.release();
        }
    }

    private @Nullable About refuse(String why) {
        problem = why;
        return null;
    }

    /// What is wrong with the last one, for the client's eyes.
    public String problem() {
        return problem == null ? "" : problem;
    }
}
