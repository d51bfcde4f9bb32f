package io.topicstream.server.config.section;

import static io.topicstream.settings.Units.GIB;
import static io.topicstream.settings.Units.KIB;
import static io.topicstream.settings.Units.MIB;
import static io.topicstream.settings.Units.MS;
import static io.topicstream.settings.Units.WEEK;

import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import io.topicstream.transport.HttpLimits;
import java.time.Duration;

/// Limits of an HTTP connection: makes [HttpLimits]. An uncompressed body has room for a whole payload.
public final class HttpSection {
    public static final Rows ROWS = new Rows();

    private static final Setting<Long> REQUEST_LINE_BYTES = ROWS.add(
            "limits.http.request_line_bytes", Kind.size(64, MIB), 8 * KIB, "Longest request line; above it 414");
    private static final Setting<Long> HEADER_BYTES = ROWS.add(
            "limits.http.header_bytes", Kind.size(256, MIB), 32 * KIB, "All header fields of a request; above it 431");
    private static final Setting<Integer> HEADER_COUNT = ROWS.add(
            "limits.http.header_count", Kind.number(8, 10_000), 100, "Most header fields of a request; above it 431");
    private static final Setting<Long> BODY_BYTES =
            ROWS.add("limits.http.body_bytes", Kind.size(1, GIB), 2 * MIB, "Largest body, as it is sent; above it 413");
    static final Setting<Long> INFLATED_BODY_BYTES = ROWS.add(
            "limits.http.inflated_body_bytes", Kind.size(1, GIB), 2 * MIB, "Largest body, uncompressed; above it 413");
    static final Setting<Duration> HEAD_DEADLINE = ROWS.add(
            "limits.http.head_deadline",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(10),
            "Time for the head of a request to arrive");
    private static final Setting<Duration> BODY_GRACE = ROWS.add(
            "limits.http.body_grace",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(10),
            "Time for a body to arrive, beside what its bytes take at body_bytes_per_second");
    private static final Setting<Long> BODY_BYTES_PER_SECOND = ROWS.add(
            "limits.http.body_bytes_per_second", Kind.size(1, GIB), KIB, "Slowest rate at which a body may arrive");
    private static final Setting<Duration> KEEP_ALIVE_IDLE = ROWS.add(
            "limits.http.keep_alive_idle",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(75),
            "How long a connection without a request is kept");
    private static final Setting<Integer> PIPELINE_DEPTH = ROWS.add(
            "limits.http.pipeline_depth",
            Kind.number(1, 1000),
            32,
            "Requests of one connection that are handled at once");
    private static final Setting<Long> GZIP_FROM_BYTES =
            ROWS.add("limits.http.gzip_from_bytes", Kind.size(1, GIB), KIB, "Smallest answer that is compressed");

    private HttpSection() {}

    /// What the settings say.
    public static HttpLimits of(Values values) {
        return new HttpLimits(
                values.bytes(REQUEST_LINE_BYTES),
                values.bytes(HEADER_BYTES),
                values.get(HEADER_COUNT),
                values.bytes(BODY_BYTES),
                values.bytes(INFLATED_BODY_BYTES),
                values.get(HEAD_DEADLINE),
                values.get(BODY_GRACE),
                values.bytes(BODY_BYTES_PER_SECOND),
                values.get(KEEP_ALIVE_IDLE),
                values.get(PIPELINE_DEPTH),
                values.bytes(GZIP_FROM_BYTES));
    }
}
