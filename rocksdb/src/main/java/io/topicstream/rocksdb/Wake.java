package io.topicstream.rocksdb;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// How one thread waits for work, and others wake it. Waking a thread that is awake costs one read.
final class Wake {
    private volatile @Nullable Thread waiting;

    /// Called by anyone, after the work is there to be seen.
    void signal() {
        Thread thread = waiting;
        if (thread != null) {
            waiting = null;
            LockSupport.unpark(thread);
        }
    }

    /// Returns when there is work, when the time is over, or for no reason at all. Called by the one thread.
    void await(BooleanSupplier hasWork, long nanos) {
        waiting = Thread.currentThread();
        if (!hasWork.getAsBoolean()) {
            LockSupport.parkNanos(this, nanos);
        }
        waiting = null;
    }
}
