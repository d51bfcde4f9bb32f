package io.topicstream.server.delivery;

import io.netty.channel.EventLoop;
import io.topicstream.log.HandOver;
import io.topicstream.log.HandOverStack;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.topic.DeliveryLane;
import io.topicstream.topic.OutboundBudget;
import io.topicstream.transport.LoopFaults;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/// The lane of one event loop: its listeners have an outlet each, and it flushes those that were written to once a
/// turn. Owned by the loop; only [#enqueue] and [#execute] may be called on other threads.
///
/// A turn takes all hand-overs that have come in. While the loop is busy with one, the engine's next
/// commits wait for the following one, so batches form exactly when there is much to do.
///
/// An engine may hand over as fast as a lane takes, since what a lane takes lets sessions ask for more. So a turn that
/// has taken long is over, and the next one comes when the loop has looked at its sockets.
public final class EventLoopLane extends DeliveryLane {
    /// How long a turn may be before the loop looks at its sockets: as long as those of connections together.
    private static final long TURN_NS = 4_000_000;

    private final EventLoop loop;
    private final FrameEncoder encoder;
    private final HandOverStack handOvers = new HandOverStack();
    private final Runnable turn = this::onTurn;
    private final List<OutletListener<?>> toFlush = new ArrayList<>();
    /// Whether the next turn waits until the loop has looked at its sockets; it takes what is put in meanwhile.
    private boolean resting;

    public EventLoopLane(
            EventLoop loop,
            FrameEncoder encoder,
            TopicLog log,
            TopicFeed feed,
            OutboundBudget budget,
            RandomGenerator random) {
        super(log, feed, budget, SLICE_LISTENERS, PENDING_BYTES, random);
        this.loop = loop;
        this.encoder = encoder;
    }

    public EventLoop loop() {
        return loop;
    }

    public FrameEncoder encoder() {
        return encoder;
    }

    @Override
    public void enqueue(HandOver handOver) {
        if (handOvers.put(handOver)) {
            loop.execute(turn);
        }
    }

    private void onTurn() {
        if (resting) {
            return;
        }
        long beginNs = System.nanoTime();
        Error fault = null;
        HandOver handOver = handOvers.takeAll();
        while (handOver != null) {
            HandOver next = handOver.next();
            try {
                accept(handOver);
            } catch (Error e) {
                // Those behind it have answers too, and nobody would bring them again.
                fault = e;
            }
            if (next == null && System.nanoTime() - beginNs < TURN_NS) {
                next = handOvers.takeAll();
            }
            handOver = next;
        }
        try {
            endTurn();
        } catch (Error e) {
            fault = e;
        }
        if (System.nanoTime() - beginNs >= TURN_NS) {
            rest();
        }
        if (fault != null) {
            LoopFaults.onFault("what an engine handed over could not be taken", fault);
        }
    }

    private void rest() {
        resting = true;
        schedule(this::onRested, 0);
    }

    private void onRested() {
        resting = false;
        onTurn();
    }

    /// Notes a listener that was written to; it is flushed at the end of the turn. Each is to be noted once until
    /// it is flushed.
    void flushLater(OutletListener<?> listener) {
        toFlush.add(listener);
    }

    @Override
    public void flush() {
        // By index: a flush may close a connection, whose end may write to others.
        Throwable fault = null;
        for (int i = 0; i < toFlush.size(); i++) {
            try {
                toFlush.get(i).flush();
            } catch (RuntimeException | Error e) {
                fault = e;
            }
        }
        toFlush.clear();
        if (fault != null) {
            LoopFaults.onFault("a connection could not be flushed", fault);
        }
    }

    /// Runs the task on the loop, at once if that is the current thread, and flushes what it wrote.
    public void run(Runnable task) {
        if (loop.inEventLoop()) {
            task.run();
        } else {
            execute(task);
        }
    }

    @Override
    protected void execute(Runnable task) {
        loop.execute(() -> {
            try {
                task.run();
            } finally {
                flush();
            }
        });
    }

    @Override
    protected void schedule(Runnable task, long delayMs) {
        // Not by execute where the delay is 0: a loop runs all that was put in before it looks at its sockets again.
        var _ = loop.schedule(
                () -> {
                    try {
                        task.run();
                    } catch (Throwable e) {
                        // The loop would keep it to itself.
                        LoopFaults.onFault("a timer of a lane failed", e);
                    }
                },
                delayMs,
                TimeUnit.MILLISECONDS);
    }

    @Override
    protected boolean inLane() {
        return loop.inEventLoop();
    }

    /// Releases what the lane keeps, when its connections are gone and the loop has ended.
    public void close() {
        releaseRecentRuns();
        encoder.close();
    }
}
