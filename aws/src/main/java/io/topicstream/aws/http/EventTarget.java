package io.topicstream.aws.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What a request is for: the segments of its path and its query, each decoded once and never leniently.
///
/// An HTTP API hands the path over decoded: it is taken as it stands, since to decode it again would make another
/// path of `%2561`. The URL of a function hands it over as it came. The query is as it came with both.
///
/// @param segments what stands between the slashes; none for the `*` of `OPTIONS *`
record EventTarget(List<String> segments, Map<String, List<String>> query) {
    /// Of a request whose target cannot be read.
    static final EventTarget NONE = new EventTarget(List.of(), Map.of());

    /// What cannot be decoded, for the client's eyes.
    static final class BrokenException extends Exception {
        private static final long serialVersionUID = 1L;

        private BrokenException(String why) {
            super(why, null, false, false);
        }

        String why() {
            return String.valueOf(getMessage());
        }
    }

    /// @param path begins with a slash, or is `*`
    /// @param isDecoded whether the path was decoded already
    static EventTarget of(String path, boolean isDecoded, String rawQuery) throws BrokenException {
        return new EventTarget(segments(path, isDecoded), query(rawQuery));
    }

    private static List<String> segments(String path, boolean isDecoded) throws BrokenException {
        if (path.equals("*")) {
            return List.of();
        }
        List<String> segments = new ArrayList<>(4);
        for (String segment : path.substring(1).split("/", -1)) {
            segments.add(isDecoded ? segment : decode(segment, false));
        }
        return Collections.unmodifiableList(segments);
    }

    private static Map<String, List<String>> query(String raw) throws BrokenException {
        Map<String, List<String>> query = new LinkedHashMap<>();
        for (String pair : raw.split("&", -1)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                String name = equals < 0 ? pair : pair.substring(0, equals);
                String value = equals < 0 ? "" : pair.substring(equals + 1);
                query.computeIfAbsent(decode(name, true), _ -> new ArrayList<>(1))
                        .add(decode(value, true));
            }
        }
        return Collections.unmodifiableMap(query);
    }

    /// @param isParameter of the query, where a plus is a space; a path takes no encoded slash
    private static String decode(String raw, boolean isParameter) throws BrokenException {
        if (raw.indexOf('%') < 0 && (!isParameter || raw.indexOf('+') < 0)) {
            return raw;
        }
        byte[] bytes = raw.getBytes(UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int at = 0; at < bytes.length; at++) {
            int value = bytes[at];
            if (value == '%') {
                int high = at + 2 < bytes.length ? Character.digit(bytes[at + 1], 16) : -1;
                int low = at + 2 < bytes.length ? Character.digit(bytes[at + 2], 16) : -1;
                if (high < 0 || low < 0) {
                    throw new BrokenException("broken percent escape in the request target");
                }
                value = high << 4 | low;
                at += 2;
                if (value == 0 || (!isParameter && value == '/')) {
                    throw new BrokenException("encoded slash or NUL in the request target");
                }
            } else if (value == '+' && isParameter) {
                value = ' ';
            }
            decoded.write(value);
        }
        try {
            return UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(decoded.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new BrokenException("the request target is not UTF-8");
        }
    }
}
