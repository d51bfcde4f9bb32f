package io.topicstream.client;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/// Calls into the application that run one at a time and in order, on threads that are not the client's.
/// Thread-safe.
///
/// It counts the bytes that wait. It never refuses one: whoever fills it looks at [#isFull] and stops;
/// `onDrained` is then called once when half of the bound is free again.
final class Mailbox {
    private static final System.Logger LOGGER = System.getLogger(Mailbox.class.getName());

    private final Executor executor;
    private final long boundBytes;
    private final Runnable onDrained;
    private final ArrayDeque<Call> calls = new ArrayDeque<>();
    private long waitingBytes;
    private boolean full;
    private boolean running;

    private record Call(Runnable task, int bytes) {}

    /// @param onDrained called on a thread of the executor
    Mailbox(Executor executor, long boundBytes, Runnable onDrained) {
        this.executor = executor;
        this.boundBytes = boundBytes;
        this.onDrained = onDrained;
    }

    /// Adds a call.
    void enqueue(Runnable task, int bytes) {
        synchronized (calls) {
            calls.addLast(new Call(task, bytes));
            waitingBytes += bytes;
            full |= waitingBytes > boundBytes;
            if (running) {
                return;
            }
            running = true;
        }
        executor.execute(this::run);
    }

    /// Whether nothing more should come until it has drained.
    boolean isFull() {
        synchronized (calls) {
            return full;
        }
    }

    private void run() {
        while (true) {
            Call call;
            synchronized (calls) {
                call = calls.peekFirst();
                if (call == null) {
                    running = false;
                    return;
                }
            }
            try {
                call.task.run();
            } catch (RuntimeException | AssertionError e) {
                LOGGER.log(System.Logger.Level.ERROR, "a listener failed", e);
            }
            boolean drained = false;
            synchronized (calls) {
                calls.removeFirst();
                waitingBytes -= call.bytes;
                if (full && waitingBytes <= boundBytes / 2) {
                    full = false;
                    drained = true;
                }
            }
            if (drained) {
                onDrained.run();
            }
        }
    }
}
