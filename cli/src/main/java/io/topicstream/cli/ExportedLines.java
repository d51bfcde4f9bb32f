package io.topicstream.cli;

import io.topicstream.json.JsonObjectReader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Looks at an export of a user's data as it goes by, whether it is whole: its last line says how many
/// messages it has. Keeps of a line no more than its beginning.
final class ExportedLines {
    /// The last line is shorter.
    private static final int MOST = 128;

    private static final byte[] MESSAGE = "{\"kind\":\"message\",".getBytes(StandardCharsets.US_ASCII);
    private static final JsonObjectReader.Builder MEMBERS = new JsonObjectReader.Builder();
    private static final JsonObjectReader.Member KIND = MEMBERS.add("kind");
    private static final JsonObjectReader.Member MESSAGES = MEMBERS.add("messages");

    private final byte[] line = new byte[MOST];
    private int length;
    private long messages;
    /// What the line that came last said of it; below 0 where it was another one.
    private long promised = -1;

    void take(byte[] bytes, int count) {
        for (int i = 0; i < count; i++) {
            if (bytes[i] == '\n') {
                onLine();
                length = 0;
            } else {
                if (length < MOST) {
                    line[length] = bytes[i];
                }
                length++;
            }
        }
    }

    private void onLine() {
        promised = -1;
        if (length >= MESSAGE.length && Arrays.equals(line, 0, MESSAGE.length, MESSAGE, 0, MESSAGE.length)) {
            messages++;
        } else if (length <= MOST) {
            JsonObjectReader reader = MEMBERS.build();
            if (reader.read(line, 0, length) && "end".equals(reader.string(KIND))) {
                promised = reader.integer(MESSAGES);
            }
        }
    }

    /// Whether the last line has come, and everything before it.
    boolean isWhole() {
        return length == 0 && promised == messages;
    }

    long messages() {
        return messages;
    }
}
