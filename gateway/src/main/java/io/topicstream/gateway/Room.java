package io.topicstream.gateway;

/// How much of a stage is under way, in messages and in bytes, and how much may be. Thread-safe.
final class Room {
    private final int maxCalls;
    private final long maxBytes;
    private int calls;
    private long bytes;

    Room(int maxCalls, long maxBytes) {
        this.maxCalls = maxCalls;
        this.maxBytes = maxBytes;
    }

    /// Takes room for one of so many bytes.
    ///
    /// @return false if there is too little: nothing was taken
    synchronized boolean take(long size) {
        if (calls == maxCalls || bytes + size > maxBytes) {
            return false;
        }
        calls++;
        bytes += size;
        return true;
    }

    synchronized void giveBack(long size) {
        calls--;
        bytes -= size;
    }

    synchronized int calls() {
        return calls;
    }
}
