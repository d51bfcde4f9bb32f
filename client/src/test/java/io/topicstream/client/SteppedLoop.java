package io.topicstream.client;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/// The client's thread, turned by the test, with a clock that only the test moves.
final class SteppedLoop implements ClientLoop {
    private record Later(Runnable task, long atMs) {}

    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final List<Later> timers = new ArrayList<>();
    private long nowMs = 1_000_000;

    @Override
    public void execute(Runnable task) {
        tasks.add(task);
    }

    @Override
    public Timer schedule(Runnable task, long delayMs) {
        Later later = new Later(task, nowMs + delayMs);
        timers.add(later);
        return () -> timers.remove(later);
    }

    @Override
    public long nowMs() {
        return nowMs;
    }

    @Override
    public void end() {
        timers.clear();
    }

    /// Runs what waits.
    void turn() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    /// Moves the clock, and runs what became due, in order.
    void advance(long ms) {
        nowMs += ms;
        List<Later> due = timers.stream()
                .filter(timer -> timer.atMs <= nowMs)
                .sorted(Comparator.comparingLong(Later::atMs))
                .toList();
        timers.removeAll(due);
        due.forEach(timer -> timer.task.run());
        turn();
    }
}
