package io.topicstream.rocksdb;

import java.util.concurrent.atomic.AtomicInteger;

/// Counts the objects of RocksDB that are open. None has a finalizer: one that is not closed is lost memory,
/// and one that is closed too late ends the process. Tests ask for 0.
final class NativeHandles {
    private final AtomicInteger open = new AtomicInteger();

    <T extends AutoCloseable> T opened(T handle) {
        open.incrementAndGet();
        return handle;
    }

    /// Called once for each.
    void close(org.rocksdb.AbstractNativeReference handle) {
        handle.close();
        open.decrementAndGet();
    }

    int open() {
        return open.get();
    }
}
