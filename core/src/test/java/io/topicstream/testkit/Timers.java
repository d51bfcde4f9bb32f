package io.topicstream.testkit;

/// Whatever can run something later: a [SteppedExecutor], or a real scheduler in tests that run in
/// real time.
@FunctionalInterface
public interface Timers {
    /// Runs the task once, after the delay.
    void schedule(Runnable task, long delayMs);
}
