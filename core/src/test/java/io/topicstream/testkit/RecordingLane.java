package io.topicstream.testkit;

import io.topicstream.log.HandOver;
import io.topicstream.log.Lane;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// A lane that writes down what it is told. Either a thread of its own runs the hand-overs, an
/// executor does, or the test with [#drain].
///
/// [RecordingAppend] and [RecordingFollower] report to it. What they find wrong on the way (an
/// answer on a foreign thread, a second answer) is kept and thrown by [#close], so that a test that
/// closes its lanes cannot miss it.
public final class RecordingLane implements Lane, AutoCloseable {
    private static final HandOver END = new HandOver();

    private final String name;
    private final LinkedBlockingQueue<HandOver> queue = new LinkedBlockingQueue<>();
    private final List<Heard> heard = new ArrayList<>();
    private final AtomicReference<@Nullable AssertionError> wrong = new AtomicReference<>();
    private final @Nullable Thread thread;
    private final @Nullable Executor executor;
    // Of the thread that runs hand-overs.
    private int handOver;
    private volatile @Nullable Thread running;

    private RecordingLane(String name, boolean threaded, @Nullable Executor executor) {
        this.name = name;
        this.executor = executor;
        this.thread =
                threaded ? Thread.ofPlatform().name("lane-" + name).daemon().start(this::runUntilEnd) : null;
    }

    /// A lane whose hand-overs wait until the test calls [#drain].
    public static RecordingLane byHand(String name) {
        return new RecordingLane(name, false, null);
    }

    /// A lane whose hand-overs run on the executor, one task each, which must run one task at a time.
    public static RecordingLane on(String name, Executor executor) {
        return new RecordingLane(name, false, executor);
    }

    /// A lane with a thread of its own.
    public static RecordingLane threaded(String name) {
        return new RecordingLane(name, true, null);
    }

    @Override
    public void enqueue(HandOver handOver) {
        queue.add(handOver);
        if (executor != null) {
            executor.execute(this::runNext);
        }
    }

    /// Runs the hand-overs that wait, on the calling thread.
    ///
    /// @return how many there were
    public int drain() {
        int count = 0;
        for (HandOver next = queue.poll(); next != null; next = queue.poll()) {
            run(next);
            count++;
        }
        return count;
    }

    /// How many hand-overs wait.
    public int waiting() {
        return queue.size();
    }

    /// Everything heard so far.
    public List<Heard> heard() {
        synchronized (heard) {
            return List.copyOf(heard);
        }
    }

    /// What was heard of one kind, in order.
    public <H extends Heard> List<H> heard(Class<H> kind) {
        return heard().stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    /// The number of the hand-over that runs now; for those who report.
    @SuppressWarnings("ReferenceEquality") // A thread is no other thread.
    int handOver() {
        if (Thread.currentThread() != running) {
            fail(new AssertionError("lane " + name + " was told something on the thread "
                    + Thread.currentThread().getName() + ", not out of a hand-over of its own"));
        }
        return handOver;
    }

    void hear(Heard what) {
        synchronized (heard) {
            heard.add(what);
        }
    }

    void fail(AssertionError error) {
        wrong.compareAndSet(null, error);
    }

    /// Takes the oldest, whichever task comes first: so a lane keeps its order whatever the executor's is.
    private void runNext() {
        HandOver next = queue.poll();
        if (next != null) {
            run(next);
        }
    }

    private void run(HandOver next) {
        running = Thread.currentThread();
        handOver++;
        try {
            next.run();
        } catch (RuntimeException | AssertionError e) {
            fail(new AssertionError("lane " + name + ": " + e, e));
        } finally {
            running = null;
        }
    }

    private void runUntilEnd() {
        try {
            for (HandOver next = queue.take(); next != END; next = queue.take()) {
                run(next);
            }
        } catch (InterruptedException e) {
            fail(new AssertionError("lane " + name + " was interrupted", e));
        }
    }

    /// Ends the lane's thread after what it was given, and throws what went wrong on it.
    @Override
    public void close() {
        if (thread != null) {
            queue.add(END);
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError("interrupted while lane " + name + " ended", e);
            }
        }
        AssertionError first = wrong.get();
        if (first != null) {
            throw first;
        }
    }

    @Override
    public String toString() {
        return "lane " + name;
    }
}
