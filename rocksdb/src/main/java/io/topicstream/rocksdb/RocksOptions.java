package io.topicstream.rocksdb;

import io.topicstream.log.Durability;
import io.topicstream.log.RetentionRules;
import java.time.Duration;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/// How a [RocksLog] runs.
///
/// @param durability how safe a message is when it is acknowledged
/// @param clock sets timestamps, begins epochs, forgets message ids and expires state records
/// @param queue how much may wait
/// @param memory how much is held in it
/// @param lingerUs in the mode `disk`, how long after one group the next may wait to grow, in microseconds; 0 to
///     10,000. A sync costs the same for one message as for many. A group waits only while that has been worth it:
///     not after a pause, not when enough has come, and not when nobody else publishes
/// @param readerThreads that read the store; 1 to 64
/// @param repeatsKeptMs how long a message id is kept, in milliseconds
/// @param retention how long messages are kept; where it says nothing of a topic, the store's own default holds: 30
/// days,
///     or for ever in a store that was made before there was retention. Null to leave alone what is there, as tools
///     do: nothing ends, and what is written meanwhile is not noted to end later
public record RocksOptions(
        Durability durability,
        InstantSource clock,
        Queue queue,
        Memory memory,
        int lingerUs,
        int readerThreads,
        long repeatsKeptMs,
        @Nullable RetentionRules retention) {
    private static final long MIB = 1 << 20;

    /// What a server starts with: durable, 16 and 64 MiB of queue, 2 readers, 128 MiB of cache, 128 MiB of write
    /// buffers, 65,536 entries, a linger of 400 µs, a day of message ids; and everything is kept.
    public static final RocksOptions DEFAULTS = new RocksOptions(
            Durability.DISK,
            InstantSource.system(),
            new Queue(16 * MIB, 64 * MIB),
            new Memory(128 * MIB, 128 * MIB, 1 << 16),
            400,
            2,
            Duration.ofHours(24).toMillis(),
            null);

    /// How much may wait to be answered.
    ///
    /// @param softBytes above this many bytes of unanswered appends publishers are asked to slow down
    /// @param hardBytes above this many, appends are refused; 64 KiB to 16 GiB
    public record Queue(long softBytes, long hardBytes) {
        public Queue {
            require(softBytes >= 1, "softBytes is at least 1");
            require(hardBytes >= 1 << 16 && hardBytes <= 1L << 34, "hardBytes is 64 KiB to 16 GiB");
            require(softBytes <= hardBytes, "softBytes is at most hardBytes");
        }
    }

    /// How much is held in memory.
    ///
    /// @param cacheBytes of RocksDB's block cache; at least 1 MiB
    /// @param writeBufferBytes that RocksDB may hold before it writes them to files of their own, over all
    ///     families; at least 1 MiB. A start after a crash reads about as much again
    /// @param entries of topics, while nobody listens and nothing is in flight; at least 16
    public record Memory(long cacheBytes, long writeBufferBytes, int entries) {
        public Memory {
            require(cacheBytes >= MIB, "cacheBytes is at least 1 MiB");
            require(writeBufferBytes >= MIB, "writeBufferBytes is at least 1 MiB");
            require(entries >= 16, "entries is at least 16");
        }
    }

    public RocksOptions {
        require(lingerUs >= 0 && lingerUs <= 10_000, "lingerUs is 0 to 10,000");
        require(readerThreads >= 1 && readerThreads <= 64, "readerThreads is 1 to 64");
        require(repeatsKeptMs >= 1, "repeatsKeptMs is at least 1");
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException(rule);
        }
    }

    /// The same with another durability.
    public RocksOptions withDurability(Durability other) {
        return new RocksOptions(other, clock, queue, memory, lingerUs, readerThreads, repeatsKeptMs, retention);
    }

    /// The same by another clock.
    public RocksOptions withClock(InstantSource other) {
        return new RocksOptions(durability, other, queue, memory, lingerUs, readerThreads, repeatsKeptMs, retention);
    }

    /// The same with other bounds of the queue.
    public RocksOptions withQueue(long softBytes, long hardBytes) {
        Queue other = new Queue(softBytes, hardBytes);
        return new RocksOptions(durability, clock, other, memory, lingerUs, readerThreads, repeatsKeptMs, retention);
    }

    /// The same with other amounts of memory.
    public RocksOptions withMemory(long cacheBytes, long writeBufferBytes, int entries) {
        Memory other = new Memory(cacheBytes, writeBufferBytes, entries);
        return new RocksOptions(durability, clock, queue, other, lingerUs, readerThreads, repeatsKeptMs, retention);
    }

    /// The same with another linger.
    public RocksOptions withLingerUs(int us) {
        return new RocksOptions(durability, clock, queue, memory, us, readerThreads, repeatsKeptMs, retention);
    }

    /// The same with other readers.
    public RocksOptions withReaderThreads(int threads) {
        return new RocksOptions(durability, clock, queue, memory, lingerUs, threads, repeatsKeptMs, retention);
    }

    /// The same with other rules of what is kept.
    public RocksOptions withRetention(@Nullable RetentionRules rules) {
        return new RocksOptions(durability, clock, queue, memory, lingerUs, readerThreads, repeatsKeptMs, rules);
    }
}
