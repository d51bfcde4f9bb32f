package io.topicstream.server.gateway;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.topicstream.connection.ConnectionInfo;
import io.topicstream.json.JsonWriter;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// What the callback API tells of a connection, in JSON.
final class Description {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private Description() {}

    /// The JSON of a connection.
    ///
    /// @param nullAgent whether a client without a user agent has a null there, instead of nothing
    static byte[] of(ConnectionInfo info, boolean nullAgent) {
        @Nullable String agent = info.userAgent();
        StringBuilder json = new StringBuilder(256)
                .append("{\n  \"identity\": {\n    \"sourceIp\": ")
                .append(quoted(info.address()));
        if (agent != null || nullAgent) {
            json.append(",\n    \"userAgent\": ").append(agent == null ? "null" : quoted(agent));
        }
        return json.append("\n  },\n  \"connectedAt\": \"")
                .append(TIME.format(Instant.ofEpochMilli(info.connectedAtMs())))
                .append("\",\n  \"lastActiveAt\": \"")
                .append(TIME.format(Instant.ofEpochMilli(info.lastActiveMs())))
                .append("\"\n}")
                .toString()
                .getBytes(UTF_8);
    }

    /// The text as JSON.
    static String quoted(String text) {
        JsonWriter json = new JsonWriter(text.length() + 16);
        json.string(text);
        return new String(json.toByteArray(), UTF_8);
    }
}
