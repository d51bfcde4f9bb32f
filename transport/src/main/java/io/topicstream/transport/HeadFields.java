package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The header fields of one request as they came: their bytes, and where in them each name and value lies. Text is
/// made of a value when somebody asks for it; most fields of most requests nobody asks for. Immutable.
final class HeadFields {
    /// Marks of a field: where its name begins and ends, where its value begins and ends.
    static final int MARKS = 4;

    private final byte[] bytes;
    private final int[] marks;
    /// A bit for each name that is there, by [#bit]: what has no bit is not there, without a look at the names.
    private final long names;

    /// Takes over both arrays.
    ///
    /// @param marks [#MARKS] for each field, as places in `bytes`
    /// @param names the bits of all names
    HeadFields(byte[] bytes, int[] marks, long names) {
        this.bytes = bytes;
        this.marks = marks;
        this.names = names;
    }

    /// The bit of a name that is `length` long and begins with `first`, whatever its case.
    static long bit(int first, int length) {
        return 1L << ((first | 0x20) + length * 7);
    }

    /// How long they are, in bytes.
    int length() {
        return bytes.length;
    }

    private boolean mayHave(String name) {
        return (names & bit(name.charAt(0), name.length())) != 0;
    }

    private boolean isNamed(int mark, String name) {
        int from = marks[mark];
        int length = name.length();
        if (marks[mark + 1] - from != length) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            int given = bytes[from + i];
            int other = name.charAt(i);
            if (given != other && lower(given) != lower(other)) {
                return false;
            }
        }
        return true;
    }

    private static int lower(int letter) {
        return letter >= 'A' && letter <= 'Z' ? letter | 0x20 : letter;
    }

    private String value(int mark) {
        return new String(bytes, marks[mark + 2], marks[mark + 3] - marks[mark + 2], ISO_8859_1);
    }

    /// The first value of a field, or null.
    @Nullable
    String first(String name) {
        if (mayHave(name)) {
            for (int mark = 0; mark < marks.length; mark += MARKS) {
                if (isNamed(mark, name)) {
                    return value(mark);
                }
            }
        }
        return null;
    }

    /// All values of a field, in their order.
    List<String> all(String name) {
        if (!mayHave(name)) {
            return List.of();
        }
        List<String> values = List.of();
        for (int mark = 0; mark < marks.length; mark += MARKS) {
            if (isNamed(mark, name)) {
                if (values.isEmpty()) {
                    values = List.of(value(mark));
                } else {
                    values = new ArrayList<>(values);
                    values.add(value(mark));
                }
            }
        }
        return values;
    }

    /// How many fields have this name.
    int count(String name) {
        int count = 0;
        if (mayHave(name)) {
            for (int mark = 0; mark < marks.length; mark += MARKS) {
                count += isNamed(mark, name) ? 1 : 0;
            }
        }
        return count;
    }

    /// Whether the field, a list of words between commas, has this one, whatever its case.
    boolean hasToken(String name, String token) {
        for (String value : all(name)) {
            int from = 0;
            while (from <= value.length()) {
                int comma = value.indexOf(',', from);
                int end = comma < 0 ? value.length() : comma;
                if (value.substring(from, end).strip().equalsIgnoreCase(token)) {
                    return true;
                }
                from = end + 1;
            }
        }
        return false;
    }

    /// Names and values, in their order.
    List<Map.Entry<String, String>> entries() {
        List<Map.Entry<String, String>> entries = new ArrayList<>(marks.length / MARKS);
        for (int mark = 0; mark < marks.length; mark += MARKS) {
            String name = new String(bytes, marks[mark], marks[mark + 1] - marks[mark], ISO_8859_1);
            entries.add(Map.entry(name, value(mark)));
        }
        return List.copyOf(entries);
    }
}
