package io.topicstream.testkit;

import io.topicstream.log.HandOver;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.topic.DeliveryLane;
import io.topicstream.topic.OutboundBudget;
import java.util.Random;

/// A lane whose thread is a [SteppedExecutor].
public final class SteppedLane extends DeliveryLane {
    private final SteppedExecutor loop;

    public SteppedLane(TopicLog log, TopicFeed feed, SteppedExecutor loop) {
        this(log, feed, loop, PENDING_BYTES);
    }

    /// @param pendingBytes how much it keeps of what is not delivered yet
    public SteppedLane(TopicLog log, TopicFeed feed, SteppedExecutor loop, long pendingBytes) {
        super(log, feed, new OutboundBudget(1 << 20), SLICE_LISTENERS, pendingBytes, new Random(1));
        this.loop = loop;
    }

    @Override
    public void enqueue(HandOver handOver) {
        loop.execute(() -> {
            accept(handOver);
            endTurn();
        });
    }

    @Override
    protected boolean inLane() {
        return false;
    }

    @Override
    protected void execute(Runnable task) {
        loop.execute(task);
    }

    @Override
    protected void schedule(Runnable task, long delayMs) {
        loop.schedule(task, delayMs);
    }

    @Override
    protected void flush() {}
}
