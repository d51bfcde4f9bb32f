package io.topicstream.client;

import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// How a client was built: [TopicStreamClient.Builder] says what each member means.
///
/// @param address with the query that the server is to see
/// @param apiKey empty for none
/// @param token empty for none
/// @param newTopicListener null where messages of topics without a subscription are dropped
/// @param pingMs the longest ping interval; the server may name a shorter one
record ClientSettings(
        URI address,
        String apiKey,
        String token,
        boolean failFast,
        Duration connectTimeout,
        Duration backoffBase,
        Duration backoffCap,
        Duration stableAfter,
        long pingMs,
        long maxWaitingBytes,
        long maxUnhandledBytes,
        RandomGenerator random,
        Executor callbacks,
        ConnectionListener connectionListener,
        @Nullable NewTopicListener newTopicListener,
        boolean ownsHttp) {
    /// The handshake's headers.
    Map<String, String> headers(String currentToken) {
        Map<String, String> headers = new LinkedHashMap<>();
        if (!apiKey.isEmpty()) {
            headers.put("x-api-key", apiKey);
        }
        if (!currentToken.isEmpty()) {
            headers.put("Authorization", "Bearer " + currentToken);
        }
        return headers;
    }

    /// Without the credentials.
    @Override
    public String toString() {
        return "ClientSettings[" + address.getHost() + ":" + address.getPort() + "]";
    }
}
