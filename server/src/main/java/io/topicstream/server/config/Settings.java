package io.topicstream.server.config;

import io.topicstream.access.StaticToken;
import io.topicstream.log.Durability;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The table of all settings. The file, the environment, the flags, `config check` and `docs/configuration.md` are made
/// from it; a setting that is not in here does not exist.
final class Settings {
    private static final long KIB = 1 << 10;
    private static final long MIB = 1 << 20;
    private static final long GIB = 1 << 30;
    private static final Duration MS = Duration.ofMillis(1);
    private static final Duration WEEK = Duration.ofDays(7);
    private static final int MANY = 100_000_000;

    private static final List<Setting<?>> TABLE = new ArrayList<>();

    static final Setting<ServerConfig.Engine> ENGINE = row(
            "engine",
            Kind.oneOf(List.of(ServerConfig.Engine.values()), ServerConfig.Engine::wireName),
            ServerConfig.Engine.ROCKSDB,
            "Where messages are kept: rocksdb (in data.dir) or memory (gone with the process)");
    static final Setting<Integer> EVENT_LOOPS = row(
            "event_loops", Kind.number(0, 1024), 0, "Threads that serve sockets; 0 leaves one processor to the log");

    static final Setting<InetAddress> BIND = row(
            "server.bind",
            Kind.address(),
            InetAddress.ofLiteral("127.0.0.1"),
            "The address to listen on; 0.0.0.0 is every IPv4 address of the machine, :: every address");
    static final Setting<Integer> PORT =
            row("server.port", Kind.number(0, 65535), 8080, "The port to listen on; 0 takes a free one");
    static final Setting<Boolean> ALLOW_REMOTE_WITHOUT_CREDENTIALS = row(
            "server.allow_remote_without_credentials",
            Kind.truth(),
            false,
            "Listen elsewhere than on loopback though there is neither an API key nor a static token");
    static final Setting<List<String>> ALLOWED_ORIGINS = row(
            "server.allowed_origins",
            Kind.list("loopback, *, null, or scheme://host[:port] in lower case", Origins::isEntry),
            List.of(Origins.LOOPBACK),
            "Web pages that may call without a credential; loopback is every page from this machine, * every page");
    static final Setting<List<String>> ALLOWED_HOSTS = row(
            "server.allowed_hosts",
            Kind.list("host or host:port in lower case", Hosts::isEntry),
            List.of(),
            "Names in the header Host to answer to, beside those of loopback on a loopback address");
    static final Setting<Duration> STOP_DELAY = row(
            "server.stop_delay",
            Kind.time(Duration.ZERO, Duration.ofMinutes(10)),
            Duration.ofSeconds(1),
            "How long a stopping server says that it is not ready before it takes no more connections");
    static final Setting<List<String>> TRUSTED_PROXIES = row(
            "server.trusted_proxies",
            Kind.list("an IP address, or a network as 10.0.0.0/8", Networks::isEntry),
            List.of(),
            "Proxies that are believed when they say (Forwarded, X-Forwarded-For, PROXY) for whom they speak");
    static final Setting<Boolean> PROXY_PROTOCOL = row(
            "server.proxy_protocol",
            Kind.onOrOff(),
            false,
            "Whether connections of trusted proxies begin with a header of the PROXY protocol, version 1 or 2");
    static final Setting<List<Path>> TLS_CERTIFICATE = row(
            "server.tls.certificate",
            Kind.pathOrNone(),
            List.of(),
            "The certificate and its issuers, in PEM; with it and the key the server speaks TLS. Read again on change");
    static final Setting<List<Path>> TLS_KEY = row(
            "server.tls.key", Kind.pathOrNone(), List.of(), "The key of the certificate, in PEM, without a passphrase");
    static final Setting<List<Integer>> TLS_PORT = row(
            "server.tls.port",
            Kind.orNone(Kind.number(0, 65535)),
            List.of(),
            "A second port, for TLS; 0 takes a free one. Without it server.port speaks TLS, and nothing else");
    static final Setting<List<Path>> RUN_DIR = row(
            "server.run_dir",
            Kind.pathOrNone(),
            List.of(),
            "Where the administrator's token lies; without it $XDG_RUNTIME_DIR/topicstream or ~/.topicstream/run");

    static final Setting<Path> DATA_DIR = row(
            "data.dir",
            Kind.directory(),
            Path.of("data"),
            "The directory of the store, relative to where the server starts");
    static final Setting<Durability> DURABILITY = row(
            "data.durability",
            Kind.oneOf(List.of(Durability.values()), Durability::wireName),
            Durability.DISK,
            "How safe a message is when it is acknowledged: disk survives a power cut, os the process, memory nothing");
    static final Setting<Integer> LINGER_US = row(
            "data.linger",
            Kind.briefTime(0, 10_000),
            400,
            "How long messages may wait for others, to share their sync, while many publish; 0 is off");
    static final Setting<Long> QUEUE_SOFT_BYTES = row(
            "data.queue_soft_bytes",
            Kind.size(1, 16 * GIB),
            16 * MIB,
            "Bytes of all that waits for the disk above which publishing sockets are no longer read, and"
                    + " signals are dropped");
    static final Setting<Long> QUEUE_HARD_BYTES = row(
            "data.queue_hard_bytes",
            Kind.size(64 * KIB, 16 * GIB),
            64 * MIB,
            "Bytes of all that waits for the disk above which messages and changes of records are refused"
                    + " (overloaded)");
    static final Setting<Long> CACHE_BYTES =
            row("data.cache_bytes", Kind.size(MIB, 1024 * GIB), 128 * MIB, "Cache of the store for reading");
    static final Setting<Long> WRITE_BUFFER_BYTES = row(
            "data.write_buffer_bytes",
            Kind.size(MIB, 64 * GIB),
            128 * MIB,
            "What the store holds in memory before it writes files; a start after a crash reads about as much again");
    static final Setting<Integer> READER_THREADS =
            row("data.reader_threads", Kind.number(1, 64), 2, "Threads that read the store");
    static final Setting<Integer> TOPIC_ENTRIES = row(
            "data.topic_entries",
            Kind.number(16, MANY),
            65_536,
            "Topics that stay in memory though nobody listens to them");
    static final Setting<Duration> REPEATS_WINDOW = row(
            "data.repeats_window",
            Kind.time(MS, Duration.ofDays(366)),
            Duration.ofHours(24),
            "How long a message_id is remembered, so that a repeat is not stored again");

    static final Setting<ServerConfig.Guests> ANONYMOUS = row(
            "access.anonymous",
            Kind.oneOf(List.of(ServerConfig.Guests.values()), ServerConfig.Guests::wireName),
            ServerConfig.Guests.AUTO,
            "Whether callers without a credential are let in; auto: from this machine alone, until the first key");
    static final Setting<List<StaticToken>> TOKENS =
            row("access.tokens", new TokensKind(), List.of(), "Static tokens and whom they stand for (secret)");
    static final Setting<Integer> WRONG_CREDENTIALS_PER_MINUTE = row(
            "access.wrong_credentials_per_minute",
            Kind.number(1, MANY),
            1000,
            "Wrong credentials of one address in a minute, after which further wrong ones get 429; right ones never do");

    static final Setting<ServerConfig.LogLevel> LOG_LEVEL = row(
            "log.level",
            Kind.oneOf(List.of(ServerConfig.LogLevel.values()), ServerConfig.LogLevel::wireName),
            ServerConfig.LogLevel.INFO,
            "From which level on the log, on the standard error, has a line");
    static final Setting<ServerConfig.LogFormat> LOG_FORMAT = row(
            "log.format",
            Kind.oneOf(List.of(ServerConfig.LogFormat.values()), ServerConfig.LogFormat::wireName),
            ServerConfig.LogFormat.TEXT,
            "How its lines are written: text, or one JSON object each");
    static final Setting<Boolean> LOG_ACCESS = row(
            "log.access",
            Kind.oneOf(List.of(true, false), on -> on ? "on" : "off"),
            false,
            "Whether each request and each WebSocket gets a line in the log, at every level");

    static final Setting<Long> PAYLOAD_BYTES =
            row("limits.messages.payload_bytes", Kind.size(1, 16 * MIB), 120 * KIB, "Largest payload of a message");

    static final Setting<Integer> SUBSCRIPTIONS_PER_CONNECTION = row(
            "limits.subscriptions.per_connection",
            Kind.number(1, 1_000_000),
            500,
            "Topics that one connection may listen to");
    static final Setting<Integer> DURABLE_SUBSCRIPTIONS_PER_USER = row(
            "limits.subscriptions.durable_per_user", Kind.number(1, 100_000), 500, "Durable subscriptions of one user");

    static final Setting<Long> REQUEST_LINE_BYTES =
            row("limits.http.request_line_bytes", Kind.size(64, MIB), 8 * KIB, "Longest request line; above it 414");
    static final Setting<Long> HEADER_BYTES = row(
            "limits.http.header_bytes", Kind.size(256, MIB), 32 * KIB, "All header fields of a request; above it 431");
    static final Setting<Integer> HEADER_COUNT = row(
            "limits.http.header_count", Kind.number(8, 10_000), 100, "Most header fields of a request; above it 431");
    static final Setting<Long> BODY_BYTES =
            row("limits.http.body_bytes", Kind.size(1, GIB), 2 * MIB, "Largest body, as it is sent; above it 413");
    static final Setting<Long> INFLATED_BODY_BYTES = row(
            "limits.http.inflated_body_bytes", Kind.size(1, GIB), 2 * MIB, "Largest body, uncompressed; above it 413");
    static final Setting<Duration> HEAD_DEADLINE = row(
            "limits.http.head_deadline",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(10),
            "Time for the head of a request to arrive");
    static final Setting<Duration> BODY_GRACE = row(
            "limits.http.body_grace",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(10),
            "Time for a body to arrive, beside what its bytes take at body_bytes_per_second");
    static final Setting<Long> BODY_BYTES_PER_SECOND =
            row("limits.http.body_bytes_per_second", Kind.size(1, GIB), KIB, "Slowest rate at which a body may arrive");
    static final Setting<Duration> KEEP_ALIVE_IDLE = row(
            "limits.http.keep_alive_idle",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(75),
            "How long a connection without a request is kept");
    static final Setting<Integer> PIPELINE_DEPTH = row(
            "limits.http.pipeline_depth",
            Kind.number(1, 1000),
            32,
            "Requests of one connection that are handled at once");
    static final Setting<Long> GZIP_FROM_BYTES =
            row("limits.http.gzip_from_bytes", Kind.size(1, GIB), KIB, "Smallest answer that is compressed");

    static final Setting<Long> MESSAGE_BYTES = row(
            "limits.websocket.message_bytes",
            Kind.size(KIB, 64 * MIB),
            128 * KIB,
            "Largest WebSocket message; above it the connection is closed (1009)");
    static final Setting<Long> FRAME_BYTES = row(
            "limits.websocket.frame_bytes",
            Kind.size(KIB, 64 * MIB),
            128 * KIB,
            "Largest WebSocket frame; above it the connection is closed (1009)");
    static final Setting<Integer> FRAGMENTS = row(
            "limits.websocket.fragments",
            Kind.number(1, 1_000_000),
            1024,
            "Most frames of one message; above it close (1008)");
    static final Setting<Duration> FRAME_DEADLINE = row(
            "limits.websocket.frame_deadline",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(15),
            "Time from the first byte of a message to its last");
    static final Setting<Duration> PING_INTERVAL = row(
            "limits.websocket.ping_interval",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(25),
            "How often the server pings");
    static final Setting<Duration> PING_ANSWER = row(
            "limits.websocket.ping_answer",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(25),
            "How long a ping may go unanswered while the socket takes bytes");
    static final Setting<Duration> CLOSE_HANDSHAKE = row(
            "limits.websocket.close_handshake",
            Kind.time(MS, WEEK),
            Duration.ofSeconds(10),
            "How long the other side has to answer a close");
    static final Setting<Integer> CONTROL_FRAMES_PER_SECOND = row(
            "limits.websocket.control_frames_per_second",
            Kind.number(1, 1_000_000),
            100,
            "Pings and pongs that a client may send in a second; above it close (1008)");

    static final Setting<Integer> CONNECTIONS =
            row("limits.connections.total", Kind.number(1, MANY), 100_000, "Open sockets; further ones get 503");
    static final Setting<Integer> CONNECTIONS_PER_ADDRESS = row(
            "limits.connections.per_address",
            Kind.number(1, MANY),
            4096,
            "Open sockets from one address; further ones get 429");
    static final Setting<Boolean> CAP_LOOPBACK =
            row("limits.connections.cap_loopback", Kind.truth(), false, "Whether per_address holds for loopback too");
    static final Setting<Long> HIGH_WATERMARK_BYTES = row(
            "limits.connections.high_watermark_bytes",
            Kind.size(KIB, 64 * MIB),
            64 * KIB,
            "Unsent bytes of a socket above which it is given no more");
    static final Setting<Long> LOW_WATERMARK_BYTES = row(
            "limits.connections.low_watermark_bytes",
            Kind.size(1, 64 * MIB),
            16 * KIB,
            "Unsent bytes of a socket below which it is given more again");
    static final Setting<Long> OUTBOUND_BYTES = row(
            "limits.connections.outbound_bytes",
            Kind.size(MIB, 1024 * GIB),
            64 * MIB,
            "Pages and replies that wait for all sockets together; past it hardly anything more is made for one that does not read");
    static final Setting<Long> INCOMPLETE_BYTES = row(
            "limits.connections.incomplete_bytes",
            Kind.size(MIB, 1024 * GIB),
            64 * MIB,
            "Requests and messages that are not complete, of all sockets together; past it they are refused (503, 1013)");
    static final Setting<Long> ANSWER_BYTES = row(
            "limits.connections.answer_bytes",
            Kind.size(MIB, 1024 * GIB),
            64 * MIB,
            "HTTP answers that wait to be sent, of all sockets together; past it pages are small, then refused (503)");
    static final Setting<Duration> STALL = row(
            "limits.connections.stall",
            Kind.time(MS, WEEK),
            Duration.ofMinutes(5),
            "How long a socket may take no byte of what waits for it; then it is closed (1001)");

    /// All of them, in the order in which they are shown.
    static final List<Setting<?>> ALL = Collections.unmodifiableList(TABLE);

    private Settings() {}

    private static <T> Setting<T> row(String path, Kind<T> kind, T byDefault, String description) {
        Setting<T> setting = new Setting<>(path, kind, byDefault, description);
        TABLE.add(setting);
        return setting;
    }
}
