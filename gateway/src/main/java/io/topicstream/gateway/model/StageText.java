package io.topicstream.gateway.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A text of a definition with stage variables in it, for instance `https://${stageVariables.host}/chat`.
public final class StageText {
    private static final String BEGIN = "${stageVariables.";

    private StageText() {}

    /// The text with the values of a stage in place of its variables.
    ///
    /// @return null if the stage lacks one of them
    public static @Nullable String of(String text, Map<String, String> variables) {
        int begin = text.indexOf(BEGIN);
        if (begin < 0) {
            return text;
        }
        StringBuilder made = new StringBuilder();
        int done = 0;
        while (begin >= 0) {
            int end = text.indexOf('}', begin);
            if (end < 0) {
                break;
            }
            String value = variables.get(text.substring(begin + BEGIN.length(), end));
            if (value == null) {
                return null;
            }
            made.append(text, done, begin).append(value);
            done = end + 1;
            begin = text.indexOf(BEGIN, done);
        }
        return made.append(text, done, text.length()).toString();
    }
}
