package io.topicstream.transport;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a request is for: the path and the query of its first line, decoded once. Immutable.
///
/// @param rawPath as it came, without the query; starts with a slash, or is the `*` of `OPTIONS *`
/// @param rawQuery as it came, without the question mark; empty for none
/// @param segments what stands between the slashes
record RequestTarget(String rawPath, String rawQuery, List<String> segments, Map<String, List<String>> query) {
    static final RequestTarget ASTERISK = new RequestTarget("*", "", List.of(), Map.of());

    /// Reads a target that starts with a slash.
    ///
    /// @throws Refusal if an escape is broken
    static RequestTarget of(String target) {
        int question = target.indexOf('?');
        String rawPath = question < 0 ? target : target.substring(0, question);
        String rawQuery = question < 0 ? "" : target.substring(question + 1);
        return new RequestTarget(rawPath, rawQuery, segments(rawPath), rawQuery.isEmpty() ? Map.of() : query(rawQuery));
    }

    private static List<String> segments(String rawPath) {
        List<String> segments = new ArrayList<>(4);
        int from = 1;
        while (true) {
            int slash = rawPath.indexOf('/', from);
            segments.add(PercentDecoding.segment(slash < 0 ? rawPath.substring(from) : rawPath.substring(from, slash)));
            if (slash < 0) {
                return List.copyOf(segments);
            }
            from = slash + 1;
        }
    }

    private static Map<String, List<String>> query(String raw) {
        Map<String, List<String>> query = new LinkedHashMap<>();
        int from = 0;
        while (from <= raw.length()) {
            int end = raw.indexOf('&', from);
            if (end < 0) {
                end = raw.length();
            }
            if (end > from) {
                int equals = raw.indexOf('=', from);
                int nameEnd = equals < 0 || equals > end ? end : equals;
                String value = nameEnd == end ? "" : raw.substring(nameEnd + 1, end);
                query.computeIfAbsent(
                                PercentDecoding.parameter(raw.substring(from, nameEnd)), name -> new ArrayList<>(1))
                        .add(PercentDecoding.parameter(value));
            }
            from = end + 1;
        }
        return Collections.unmodifiableMap(query);
    }

    /// The targets that requests named lately: the next request for one of them finds it read. Only short ones
    /// without a query, where a token may stand. They push each other out of places by their hash. Belongs to its
    /// loop.
    static final class Recent {
        private static final int PLACES = 256;
        private static final int LONGEST_BYTES = 128;

        private final @Nullable Kept[] places = new @Nullable Kept[PLACES];

        /// The target that is written `bytes[from, to)`, or null.
        @Nullable
        RequestTarget find(byte[] bytes, int from, int to) {
            if (to - from > LONGEST_BYTES) {
                return null;
            }
            Kept kept = places[place(bytes, from, to)];
            return kept != null && Arrays.equals(kept.text, 0, kept.text.length, bytes, from, to) ? kept.target : null;
        }

        /// Remembers a target that passed every check.
        void keep(String text, RequestTarget target) {
            if (text.length() <= LONGEST_BYTES && text.indexOf('?') < 0) {
                byte[] bytes = text.getBytes(ISO_8859_1);
                places[place(bytes, 0, bytes.length)] = new Kept(bytes, target);
            }
        }

        private static int place(byte[] bytes, int from, int to) {
            int hash = 0;
            for (int i = from; i < to; i++) {
                hash = hash * 31 + bytes[i];
            }
            return (hash ^ hash >>> 8 ^ hash >>> 16) & PLACES - 1;
        }

        private static final class Kept {
            final byte[] text;
            final RequestTarget target;

            Kept(byte[] text, RequestTarget target) {
                this.text = text;
                this.target = target;
            }
        }
    }
}
