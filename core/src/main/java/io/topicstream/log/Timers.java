package io.topicstream.log;

/// Runs something later, on the thread of the one who asks: a lane's own timers, or in tests timers that
/// are turned by hand.
@FunctionalInterface
public interface Timers {
    /// Runs the task once, after the delay.
    void schedule(Runnable task, long delayMs);
}
