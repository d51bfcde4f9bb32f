package io.topicstream.people;

import io.topicstream.log.HandOver;
import io.topicstream.log.Lane;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/// The way of what other nodes say to the thread of the presence. Thread-safe.
///
/// Signals may wait for the thread up to [#MOST_BYTES]. Those above it are dropped, as any may be lost, and what they
/// would have told is read anew when the thread comes to it.
final class PresenceLane implements Lane {
    /// How much of signals may wait.
    static final long MOST_BYTES = 8 * 1024 * 1024;

    private final Executor thread;
    private final Runnable onDropped;
    private final long mostBytes;
    private final AtomicLong waiting = new AtomicLong();
    private final AtomicBoolean hasDropped = new AtomicBoolean();

    /// @param onDropped run on the thread when signals were dropped, and there is room again
    PresenceLane(Executor thread, Runnable onDropped) {
        this(thread, onDropped, MOST_BYTES);
    }

    PresenceLane(Executor thread, Runnable onDropped, long mostBytes) {
        this.thread = thread;
        this.onDropped = onDropped;
        this.mostBytes = mostBytes;
    }

    @Override
    public void enqueue(HandOver handOver) {
        long bytes = handOver.signalBytes();
        if (bytes > 0 && waiting.get() + bytes > mostBytes) {
            boolean isEmpty = handOver.dropSignals();
            if (hasDropped.compareAndSet(false, true)) {
                thread.execute(() -> {
                    hasDropped.set(false);
                    onDropped.run();
                });
            }
            if (isEmpty) {
                // It has nothing to tell, and only goes back to where it came from.
                handOver.run();
                return;
            }
            bytes = 0;
        }
        long counted = bytes;
        waiting.addAndGet(counted);
        thread.execute(() -> {
            waiting.addAndGet(-counted);
            handOver.run();
        });
    }

    /// How much waits.
    long waitingBytes() {
        return waiting.get();
    }
}
