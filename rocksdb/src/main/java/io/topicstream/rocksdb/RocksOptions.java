package io.topicstream.rocksdb;

import io.topicstream.log.Durability;
import java.time.Duration;
import java.time.InstantSource;

/// How a [RocksLog] runs.
///
/// @param durability how safe a message is when it is acknowledged
/// @param clock sets timestamps, begins epochs, forgets message ids and expires state records
/// @param queueSoftBytes above this many bytes of unanswered appends publishers are asked to slow down
/// @param queueHardBytes above this many, appends are refused
/// @param lingerUs in the mode `disk`, how long after one group the next may wait to grow, in microseconds; 0 to
///     10,000. A sync costs the same for one message as for many. A group waits only while that has been worth it:
///     not after a pause, not when enough has come, and not when nobody else publishes
/// @param readerThreads that read the store; 1 to 64
/// @param cacheBytes of RocksDB's block cache; at least 1 MiB
/// @param writeBufferBytes that RocksDB may hold in memory before it writes them to files of their own, over all
///     families; at least 1 MiB. A start after a crash reads about as much again
/// @param entries of topics that are held in memory while nobody listens and nothing is in flight; at least 16
/// @param repeatsKeptMs how long a message id is kept, in milliseconds
public record RocksOptions(
        Durability durability,
        InstantSource clock,
        long queueSoftBytes,
        long queueHardBytes,
        int lingerUs,
        int readerThreads,
        long cacheBytes,
        long writeBufferBytes,
        int entries,
        long repeatsKeptMs) {
    private static final long MIB = 1 << 20;

    /// What a server starts with: durable, 16 and 64 MiB of queue, 2 readers, 128 MiB of cache, 128 MiB of write
    /// buffers, 65,536 entries, a linger of 400 µs, a day of message ids.
    public static final RocksOptions DEFAULTS = new RocksOptions(
            Durability.DISK,
            InstantSource.system(),
            16 * MIB,
            64 * MIB,
            400,
            2,
            128 * MIB,
            128 * MIB,
            1 << 16,
            Duration.ofHours(24).toMillis());

    public RocksOptions {
        require(queueSoftBytes >= 1, "queueSoftBytes is at least 1");
        require(queueHardBytes >= 1 << 16 && queueHardBytes <= 1L << 34, "queueHardBytes is 64 KiB to 16 GiB");
        require(queueSoftBytes <= queueHardBytes, "queueSoftBytes is at most queueHardBytes");
        require(lingerUs >= 0 && lingerUs <= 10_000, "lingerUs is 0 to 10,000");
        require(readerThreads >= 1 && readerThreads <= 64, "readerThreads is 1 to 64");
        require(cacheBytes >= MIB, "cacheBytes is at least 1 MiB");
        require(writeBufferBytes >= MIB, "writeBufferBytes is at least 1 MiB");
        require(entries >= 16, "entries is at least 16");
        require(repeatsKeptMs >= 1, "repeatsKeptMs is at least 1");
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }

    /// The same with another durability.
    public RocksOptions withDurability(Durability other) {
        return new RocksOptions(
                other,
                clock,
                queueSoftBytes,
                queueHardBytes,
                lingerUs,
                readerThreads,
                cacheBytes,
                writeBufferBytes,
                entries,
                repeatsKeptMs);
    }

    /// The same by another clock.
    public RocksOptions withClock(InstantSource other) {
        return new RocksOptions(
                durability,
                other,
                queueSoftBytes,
                queueHardBytes,
                lingerUs,
                readerThreads,
                cacheBytes,
                writeBufferBytes,
                entries,
                repeatsKeptMs);
    }

    /// The same with other bounds of the queue.
    public RocksOptions withQueue(long softBytes, long hardBytes) {
        return new RocksOptions(
                durability,
                clock,
                softBytes,
                hardBytes,
                lingerUs,
                readerThreads,
                cacheBytes,
                writeBufferBytes,
                entries,
                repeatsKeptMs);
    }

    /// The same with other amounts of memory.
    public RocksOptions withMemory(long otherCacheBytes, long otherWriteBufferBytes, int otherEntries) {
        return new RocksOptions(
                durability,
                clock,
                queueSoftBytes,
                queueHardBytes,
                lingerUs,
                readerThreads,
                otherCacheBytes,
                otherWriteBufferBytes,
                otherEntries,
                repeatsKeptMs);
    }

    /// The same with another linger.
    public RocksOptions withLingerUs(int us) {
        return new RocksOptions(
                durability,
                clock,
                queueSoftBytes,
                queueHardBytes,
                us,
                readerThreads,
                cacheBytes,
                writeBufferBytes,
                entries,
                repeatsKeptMs);
    }

    /// The same with other readers.
    public RocksOptions withReaderThreads(int threads) {
        return new RocksOptions(
                durability,
                clock,
                queueSoftBytes,
                queueHardBytes,
                lingerUs,
                threads,
                cacheBytes,
                writeBufferBytes,
                entries,
                repeatsKeptMs);
    }

    /// The same with another time for which message ids are kept.
    public RocksOptions withRepeatsKeptMs(long ms) {
        return new RocksOptions(
                durability,
                clock,
                queueSoftBytes,
                queueHardBytes,
                lingerUs,
                readerThreads,
                cacheBytes,
                writeBufferBytes,
                entries,
                ms);
    }
}
