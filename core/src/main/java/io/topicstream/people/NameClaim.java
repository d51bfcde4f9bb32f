package io.topicstream.people;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// Who has a name, and on which connections: the value of a record of [Names]. Lines of text: version, holder,
/// and a connection's id each.
///
/// @param holder `u:` and a user's id, or `c:` and the id of a connection without a user
/// @param connections on which it was claimed, the oldest first
record NameClaim(String holder, List<String> connections) {
    private static final String VERSION = "1";
    private static final String LINE_END = "\n";
    /// Version and holder.
    private static final int FIRST_CONNECTION = 2;

    NameClaim {
        connections = List.copyOf(connections);
    }

    NameClaim with(String connectionId) {
        List<String> more = new ArrayList<>(connections);
        more.add(connectionId);
        return new NameClaim(holder, more);
    }

    NameClaim without(String connectionId) {
        return new NameClaim(
                holder,
                connections.stream().filter(id -> !id.equals(connectionId)).toList());
    }

    byte[] encode() {
        return (VERSION + LINE_END + holder + LINE_END + String.join(LINE_END, connections))
                .getBytes(StandardCharsets.UTF_8);
    }

    /// @throws IllegalStateException if this version did not write it
    static NameClaim decode(byte[] value) {
        List<String> lines = List.of(new String(value, StandardCharsets.UTF_8).split(LINE_END, -1));
        if (lines.size() <= FIRST_CONNECTION || !lines.getFirst().equals(VERSION)) {
            throw new IllegalStateException("the claim of a name cannot be read");
        }
        return new NameClaim(lines.get(1), lines.subList(FIRST_CONNECTION, lines.size()));
    }
}
