package io.topicstream.testkit;

import io.topicstream.log.Timers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// An executor with timers whose tasks run when the test says so, on the thread that says so.
///
/// Tasks run in the order in which they came; or, made with a random generator, in an order drawn
/// from it, so that one seed is one interleaving. A timer is due when the [ManualClock] has reached
/// its time; only [#advance] moves the clock, from timer to timer. Tasks may be given on any thread,
/// but a run is the same again only if all of them come out of its own steps or from the test.
public final class SteppedExecutor implements Executor, Timers {
    private final ManualClock clock;
    private final @Nullable RandomGenerator random;

    // Guarded by this.
    private final List<Runnable> ready = new ArrayList<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::atMs).thenComparingLong(Timer::number));
    private long timersMade;

    private record Timer(long atMs, long number, Runnable task) {}

    /// Tasks run in the order in which they come.
    public SteppedExecutor(ManualClock clock) {
        this(clock, null);
    }

    /// Tasks run in an order drawn from the generator.
    public SteppedExecutor(ManualClock clock, @Nullable RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    @Override
    public synchronized void execute(Runnable task) {
        ready.add(task);
    }

    @Override
    public synchronized void schedule(Runnable task, long delayMs) {
        timers.add(new Timer(clock.millis() + Math.max(0, delayMs), timersMade++, task));
    }

    /// Runs one task.
    ///
    /// @return false if none was ready
    public boolean step() {
        Runnable next = next();
        if (next == null) {
            return false;
        }
        next.run();
        return true;
    }

    /// Runs tasks, those that come meanwhile too, until none is ready. Timers that are not due wait on.
    ///
    /// @return how many ran
    public int runAll() {
        int count = 0;
        while (step()) {
            count++;
            if (count == 10_000_000) {
                throw new AssertionError("tasks make tasks without end");
            }
        }
        return count;
    }

    /// Moves the clock forward, stopping at each timer to run it and all that it makes ready.
    public void advance(Duration by) {
        long untilMs = clock.millis() + by.toMillis();
        runAll();
        for (Timer timer = nextTimer(untilMs); timer != null; timer = nextTimer(untilMs)) {
            if (timer.atMs > clock.millis()) {
                clock.set(Instant.ofEpochMilli(timer.atMs));
            }
            timer.task.run();
            runAll();
        }
        clock.set(Instant.ofEpochMilli(untilMs));
        runAll();
    }

    /// How many tasks are ready.
    public synchronized int readyCount() {
        return ready.size();
    }

    /// How many timers wait.
    public synchronized int timerCount() {
        return timers.size();
    }

    private synchronized @Nullable Runnable next() {
        if (ready.isEmpty()) {
            return null;
        }
        return ready.remove(random == null ? 0 : random.nextInt(ready.size()));
    }

    private synchronized @Nullable Timer nextTimer(long untilMs) {
        Timer first = timers.peek();
        return first == null || first.atMs > untilMs ? null : timers.poll();
    }
}
