package io.topicstream.gateway.exchange;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The request that wants to become a connection, as it came. Immutable.
///
/// @param rawPath as it came, without the query
/// @param rawQuery as it came, without the question mark; empty for none
/// @param headers in their order and the case of their names
/// @param query decoded, in their order
/// @param host that the client asked for, with its port where it gave one; null where it named none
/// @param sourceIp where it comes from
public record Handshake(
        String rawPath,
        String rawQuery,
        List<Map.Entry<String, String>> headers,
        Map<String, List<String>> query,
        @Nullable String host,
        String sourceIp) {
    public Handshake {
        headers = List.copyOf(headers);
    }

    /// The first value of a header field, whatever the case of its name; null if there is none.
    public @Nullable String header(String name) {
        for (Map.Entry<String, String> field : headers) {
            if (field.getKey().equalsIgnoreCase(name)) {
                return field.getValue();
            }
        }
        return null;
    }
}
