package io.topicstream.server.config.section;

import static io.topicstream.settings.Units.GIB;
import static io.topicstream.settings.Units.KIB;
import static io.topicstream.settings.Units.MANY;
import static io.topicstream.settings.Units.MIB;
import static io.topicstream.settings.Units.MS;
import static io.topicstream.settings.Units.WEEK;

import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.transport.HttpLimits;
import io.topicstream.transport.TransportLimits;
import io.topicstream.transport.WebSocketLimits;
import java.time.Duration;

/// Limits of sockets, and what all of them may take together.
///
/// @param lowWatermarkBytes at most `highWatermarkBytes`
public record ConnectionSection(
        int total,
        int perAddress,
        boolean capLoopback,
        int highWatermarkBytes,
        int lowWatermarkBytes,
        long outboundBytes,
        long incompleteBytes,
        long answerBytes,
        Duration stall) {
    public static final Rows ROWS = new Rows();

    private static final Setting<Integer> TOTAL =
            ROWS.add("limits.connections.total", Kind.number(1, MANY), 100_000, "Open sockets; further ones get 503");
    private static final Setting<Integer> PER_ADDRESS = ROWS.add(
            "limits.connections.per_address",
            Kind.number(1, MANY),
            4096,
            "Open sockets from one address; further ones get 429");
    private static final Setting<Boolean> CAP_LOOPBACK = ROWS.add(
            "limits.connections.cap_loopback", Kind.truth(), false, "Whether per_address holds for loopback too");
    static final Setting<Long> HIGH_WATERMARK_BYTES = ROWS.add(
            "limits.connections.high_watermark_bytes",
            Kind.size(KIB, 64 * MIB),
            64 * KIB,
            "Unsent bytes of a socket above which it is given no more");
    static final Setting<Long> LOW_WATERMARK_BYTES = ROWS.add(
            "limits.connections.low_watermark_bytes",
            Kind.size(1, 64 * MIB),
            16 * KIB,
            "Unsent bytes of a socket below which it is given more again");
    private static final Setting<Long> OUTBOUND_BYTES = ROWS.add(
            "limits.connections.outbound_bytes",
            Kind.size(MIB, 1024 * GIB),
            64 * MIB,
            "Pages and replies that wait for all sockets together; past it hardly anything more is made for one that does not read");
    private static final Setting<Long> INCOMPLETE_BYTES = ROWS.add(
            "limits.connections.incomplete_bytes",
            Kind.size(MIB, 1024 * GIB),
            64 * MIB,
            "Requests and messages that are not complete, of all sockets together; past it they are refused (503, 1013)");
    private static final Setting<Long> ANSWER_BYTES = ROWS.add(
            "limits.connections.answer_bytes",
            Kind.size(MIB, 1024 * GIB),
            64 * MIB,
            "HTTP answers that wait to be sent, of all sockets together; past it pages are small, then refused (503)");
    private static final Setting<Duration> STALL = ROWS.add(
            "limits.connections.stall",
            Kind.time(MS, WEEK),
            Duration.ofMinutes(5),
            "How long a socket may take no byte of what waits for it; then it is closed (1001)");

    private static final Duration SWEEP = Duration.ofSeconds(1);

    /// What the settings say.
    public static ConnectionSection of(Values values) {
        return new ConnectionSection(
                values.get(TOTAL),
                values.get(PER_ADDRESS),
                values.get(CAP_LOOPBACK),
                values.bytes(HIGH_WATERMARK_BYTES),
                values.bytes(LOW_WATERMARK_BYTES),
                values.get(OUTBOUND_BYTES),
                values.get(INCOMPLETE_BYTES),
                values.get(ANSWER_BYTES),
                values.get(STALL));
    }

    /// The same with what the system grants of it.
    public ConnectionSection lowered(int grantedTotal, long outbound, long incomplete, long answers) {
        return new ConnectionSection(
                grantedTotal,
                perAddress,
                capLoopback,
                highWatermarkBytes,
                lowWatermarkBytes,
                outbound,
                incomplete,
                answers,
                stall);
    }

    /// What the transport wants of it.
    public TransportLimits transport(HttpLimits http, WebSocketLimits webSocket) {
        return new TransportLimits(
                http,
                webSocket,
                total,
                perAddress,
                capLoopback,
                highWatermarkBytes,
                lowWatermarkBytes,
                incompleteBytes,
                answerBytes,
                stall,
                SWEEP);
    }
}
