package io.topicstream.gateway.exchange;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What is known of a connection in each of its events. Immutable; it lives as long as the connection.
///
/// @param connectionId its name
/// @param domainName the host that events name
/// @param connectedAtMs when it came, in epoch milliseconds
/// @param sourceIp where it comes from
/// @param userAgent what the client calls itself, or null
/// @param authorizer what the authorizer said of the caller: values are texts, numbers stay numbers; empty for none
/// @param identity further members of `identity`: `apiKey`, `apiKeyId`, `accessKey`, `userArn` …; empty for none
public record Peer(
        String connectionId,
        String domainName,
        long connectedAtMs,
        String sourceIp,
        @Nullable String userAgent,
        Map<String, Object> authorizer,
        Map<String, String> identity) {
    public Peer {
        authorizer = Map.copyOf(authorizer);
        identity = Map.copyOf(identity);
    }
}
