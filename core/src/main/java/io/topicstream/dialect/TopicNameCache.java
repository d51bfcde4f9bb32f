package io.topicstream.dialect;

import io.topicstream.json.JsonObjectReader;
import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/// The topic names that were lately seen on the wire, found by their bytes, so that a name that
/// comes again costs no new text (and keeps the hash that its text has already worked out).
///
/// It is bounded: a name has four places where it may stand, and a new one pushes out whoever
/// stands in the first. Names that push each other out cost time, never memory. Not thread-safe.
final class TopicNameCache {
    private static final int PLACES = 4;
    private static final int SIZE = 4096;

    private final @Nullable TopicName[] names = new @Nullable TopicName[SIZE];

    /// Returns the name that a member of the object just read spells, or null where it is no valid
    /// one.
    ///
    /// @param member a string
    @Nullable
    TopicName find(JsonObjectReader reader, JsonObjectReader.Member member, byte[] text) {
        if (reader.isEscaped(member)) {
            String name = reader.string(member);
            return name == null ? null : TopicName.orNull(name);
        }
        return find(text, reader.start(member) + 1, reader.end(member) - 1);
    }

    /// Returns the name that these bytes spell, or null where they are no valid one.
    @Nullable
    TopicName find(byte[] text, int from, int to) {
        int length = to - from;
        if (length == 0 || length > TopicName.MAX_LENGTH) {
            return null;
        }
        int hash = length;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + text[i];
        }
        int first = (hash ^ (hash >>> 15)) & (SIZE - 1);
        int free = first;
        for (int i = 0; i < PLACES; i++) {
            int place = (first + i) & (SIZE - 1);
            TopicName name = names[place];
            if (name == null) {
                free = place;
                break;
            }
            if (spells(text, from, length, name.value())) {
                return name;
            }
        }
        // As Latin-1, a byte that is not ASCII becomes a character that no name may have.
        TopicName name = TopicName.orNull(new String(text, from, length, StandardCharsets.ISO_8859_1));
        if (name != null) {
            names[free] = name;
        }
        return name;
    }

    private static boolean spells(byte[] text, int from, int length, String name) {
        if (name.length() != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (name.charAt(i) != text[from + i]) {
                return false;
            }
        }
        return true;
    }
}
