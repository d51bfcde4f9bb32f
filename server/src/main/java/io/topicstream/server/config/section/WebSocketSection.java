package io.topicstream.server.config.section;

import static io.topicstream.settings.Units.KIB;
import static io.topicstream.settings.Units.MIB;
import static io.topicstream.settings.Units.MS;
import static io.topicstream.settings.Units.WEEK;

import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.transport.WebSocketLimits;
import java.time.Duration;

/// Limits of a WebSocket connection: makes [WebSocketLimits]. A message has room for a whole frame, and for a payload.
public final class WebSocketSection {
    public static final Rows ROWS = new Rows();

    static final Setting<Long> MESSAGE_BYTES = ROWS.add(
            "limits.websocket.message_bytes",
            Kind.size(KIB, 64 * MIB),
            128 * KIB,
            "Largest WebSocket message; above it the connection is closed (1009)");
    static final Setting<Long> FRAME_BYTES = ROWS.add(
            "limits.websocket.frame_bytes",
            Kind.size(KIB, 64 * MIB),
            128 * KIB,
            "Largest WebSocket frame; above it the connection is closed (1009)");
    private static final Setting<Integer> FRAGMENTS = ROWS.add(
            "limits.websocket.fragments",
            Kind.number(1, 1_000_000),
            1024,
            "Most frames of one message; above it close (1008)");
    private static final Setting<Duration> FRAME_DEADLINE = ROWS.add(
            "limits.websocket.frame_deadline",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(15),
            "Time from the first byte of a message to its last");
    private static final Setting<Duration> PING_INTERVAL = ROWS.add(
            "limits.websocket.ping_interval",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(25),
            "How often the server pings");
    private static final Setting<Duration> PING_ANSWER = ROWS.add(
            "limits.websocket.ping_answer",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(25),
            "How long a ping may go unanswered while the socket takes bytes");
    private static final Setting<Duration> CLOSE_HANDSHAKE = ROWS.add(
            "limits.websocket.close_handshake",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(10),
            "How long the other side has to answer a close");
    private static final Setting<Integer> CONTROL_FRAMES_PER_SECOND = ROWS.add(
            "limits.websocket.control_frames_per_second",
            Kind.number(1, 1_000_000),
            100,
            "Pings and pongs that a client may send in a second; above it close (1008)");

    private WebSocketSection() {}

    /// What the settings say.
    public static WebSocketLimits of(Values values) {
        return new WebSocketLimits(
                values.bytes(MESSAGE_BYTES),
                values.bytes(FRAME_BYTES),
                values.get(FRAGMENTS),
                values.get(FRAME_DEADLINE),
                values.get(PING_INTERVAL),
                values.get(PING_ANSWER),
                values.get(CLOSE_HANDSHAKE),
                values.get(CONTROL_FRAMES_PER_SECOND));
    }
}
