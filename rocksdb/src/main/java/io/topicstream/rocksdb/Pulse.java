package io.topicstream.rocksdb;

/// When a thread last turned, for others to see that it does.
///
/// One thread beats; any may look.
final class Pulse {
    private volatile long lastNs = System.nanoTime();

    void beat(long nowNs) {
        lastNs = nowNs;
    }

    /// For how long it has not turned.
    long stillNs(long nowNs) {
        return Math.max(0, nowNs - lastNs);
    }
}
