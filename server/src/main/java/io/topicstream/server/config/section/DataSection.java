package io.topicstream.server.config.section;

import static io.topicstream.settings.Units.GIB;
import static io.topicstream.settings.Units.KIB;
import static io.topicstream.settings.Units.MANY;
import static io.topicstream.settings.Units.MIB;
import static io.topicstream.settings.Units.MS;

import io.topicstream.log.Durability;
import io.topicstream.settings.Kind;
import io.topicstream.settings.Rows;
import io.topicstream.settings.Setting;
import io.topicstream.settings.Values;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/// How messages are kept.
///
/// @param durability [Durability#MEMORY] with the engine in memory, whatever the default is
/// @param lingerUs how long messages may wait for others to share their sync, in microseconds; 0 is off
/// @param queueSoftBytes at most `queueHardBytes`
/// @param ephemeralBytes for what dies with the process
/// @param repeatsWindow how long a `message_id` is remembered
public record DataSection(
        Path dir,
        Durability durability,
        int lingerUs,
        long queueSoftBytes,
        long queueHardBytes,
        long cacheBytes,
        long writeBufferBytes,
        int readerThreads,
        int topicEntries,
        long ephemeralBytes,
        Duration repeatsWindow) {
    public static final Rows ROWS = new Rows();
    /// What may be kept by default of what dies with the process.
    public static final long EPHEMERAL_BYTES = 64 * MIB;

    private static final Setting<Path> DIR = ROWS.add(
            "data.dir",
            Kind.directory(),
            Path.of("data"),
            "The directory of the store, relative to where the server starts");
    /// What was asked for; [#durability(Values)] is what is in force.
    public static final Setting<Durability> DURABILITY = ROWS.add(
            "data.durability",
            Kind.oneOf(List.of(Durability.values()), Durability::wireName),
            Durability.DISK,
            "How safe a message is when it is acknowledged: disk survives a power cut, os the process, memory nothing");
    private static final Setting<Integer> LINGER_US = ROWS.add(
            "data.linger",
            Kind.briefTime(0, 10_000),
            400,
            "How long messages may wait for others, to share their sync, while many publish; 0 is off");
    static final Setting<Long> QUEUE_SOFT_BYTES = ROWS.add(
            "data.queue_soft_bytes",
            Kind.size(1, 16 * GIB),
            16 * MIB,
            "Bytes of all that waits for the disk above which publishing sockets are no longer read, and"
                    + " signals are dropped");
    static final Setting<Long> QUEUE_HARD_BYTES = ROWS.add(
            "data.queue_hard_bytes",
            Kind.size(64 * KIB, 16 * GIB),
            64 * MIB,
            "Bytes of all that waits for the disk above which messages and changes of records are refused"
                    + " (overloaded)");
    private static final Setting<Long> CACHE_BYTES =
            ROWS.add("data.cache_bytes", Kind.size(MIB, 1024 * GIB), 128 * MIB, "Cache of the store for reading");
    private static final Setting<Long> WRITE_BUFFER_BYTES = ROWS.add(
            "data.write_buffer_bytes",
            Kind.size(MIB, 64 * GIB),
            128 * MIB,
            "What the store holds in memory before it writes files; a start after a crash reads about as much again");
    private static final Setting<Integer> READER_THREADS =
            ROWS.add("data.reader_threads", Kind.number(1, 64), 2, "Threads that read the store");
    private static final Setting<Integer> TOPIC_ENTRIES = ROWS.add(
            "data.topic_entries",
            Kind.number(16, MANY),
            65_536,
            "Topics that stay in memory though nobody listens to them");
    private static final Setting<Long> EPHEMERAL = ROWS.add(
            "data.ephemeral_bytes",
            Kind.size(MIB, 64 * GIB),
            EPHEMERAL_BYTES,
            "Memory for what dies with the process, such as who is connected, but no more than an eighth of the heap;"
                    + " what does not fit is refused (unavailable)");
    private static final Setting<Duration> REPEATS_WINDOW = ROWS.add(
            "data.repeats_window",
            Kind.time(MS, Duration.ofDays(366)),
            Duration.ofHours(24),
            "How long a message_id is remembered, so that a repeat is not stored again");

    /// What the settings say.
    public static DataSection of(Values values) {
        return new DataSection(
                values.get(DIR),
                durability(values),
                values.get(LINGER_US),
                values.get(QUEUE_SOFT_BYTES),
                values.get(QUEUE_HARD_BYTES),
                values.get(CACHE_BYTES),
                values.get(WRITE_BUFFER_BYTES),
                values.get(READER_THREADS),
                values.get(TOPIC_ENTRIES),
                values.get(EPHEMERAL),
                values.get(REPEATS_WINDOW));
    }

    /// How safe a message is that is acknowledged: an engine in memory keeps nothing, whatever was asked for.
    public static Durability durability(Values values) {
        return switch (values.get(ProcessSection.ENGINE)) {
            case MEMORY -> Durability.MEMORY;
            case ROCKSDB -> values.get(DURABILITY);
        };
    }
}
