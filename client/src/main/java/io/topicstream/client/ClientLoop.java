package io.topicstream.client;

/// The client's thread and its time: everything that the client knows is owned by the tasks that run here, one
/// at a time. A seam, so that tests can step it by hand.
interface ClientLoop {
    /// Runs a task after those that wait. From any thread; after [#end] tasks are dropped.
    void execute(Runnable task);

    /// Runs a task later.
    Timer schedule(Runnable task, long delayMs);

    /// A clock that only goes forward, in milliseconds.
    long nowMs();

    /// Ends the loop after the tasks that wait; timers are dropped.
    void end();

    /// A task that will run later.
    @FunctionalInterface
    interface Timer {
        void cancel();
    }
}
