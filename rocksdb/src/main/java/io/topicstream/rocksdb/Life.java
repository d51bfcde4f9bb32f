package io.topicstream.rocksdb;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/// One opened store and what is held in memory of it. After a failure the engine begins another with nothing
/// held, so that no tail, id or version outlives the file it was read from.
final class Life {
    final Store store;

    /// By name. Only the writer adds and removes; anybody looks.
    final ConcurrentHashMap<String, TopicEntry> entries = new ConcurrentHashMap<>();

    /// The topics that retention looks at while they are not among the entries, each with what comes of it. Put in by
    /// who looks, taken out by the writer: also when it makes an entry, so that what was seen is not taken for true
    /// when it may have changed.
    final ConcurrentHashMap<String, Command.Retain> looked = new ConcurrentHashMap<>();

    /// The periods of [DedupRow] that may have rows, ascending. Replaced by the writer, read by readers.
    volatile int[] periods;

    /// The number of the last group that has a change of a state record. Written by the writer.
    volatile long stateGroup;

    /// The number of the last group that is durable and told. Written in a round of [LogSync].
    volatile long durableGroup;

    /// Set once, by whichever thread sees the first failure: from then on nothing is written or synced in this
    /// life.
    volatile @Nullable Throwable failure;

    Life(Store store, int[] periods) {
        this.store = store;
        this.periods = periods;
    }

    long epoch() {
        return store.epoch();
    }

    /// What those are told who wait, of a failure or of the end.
    ///
    /// @param failure null where the store was closed in good order
    static String reason(@Nullable Throwable failure) {
        return switch (failure) {
            case null -> "the store is closed";
            case RocksDBException e -> Store.reason(e);
            case RejectedExecutionException _ -> "the store is closing";
            case VirtualMachineError e -> "the store is out of memory or of stack: " + e;
            default -> String.valueOf(failure.getMessage());
        };
    }
}
