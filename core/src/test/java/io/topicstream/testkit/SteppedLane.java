package io.topicstream.testkit;

import io.topicstream.log.HandOver;
import io.topicstream.log.Message;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.WireFormat;
import io.topicstream.topic.DeliveryLane;
import io.topicstream.topic.Encoded;
import io.topicstream.topic.OutboundBudget;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/// A lane whose thread is a [SteppedExecutor]; what it encodes is a list of messages, for
/// [RecordingListener]s.
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

    /// A run, not encoded at all.
    static final class Run extends Encoded {
        final List<Message> messages;

        Run(List<Message> messages) {
            this.messages = List.copyOf(messages);
        }

        @Override
        public int bytes() {
            return messages.stream().mapToInt(Message::sizeBytes).sum();
        }

        @Override
        public void release() {}
    }

    @Override
    public void enqueue(HandOver handOver) {
        loop.execute(() -> {
            accept(handOver);
            endTurn();
        });
    }

    @Override
    protected Encoded encode(WireFormat format, TopicName topic, List<Message> messages) {
        return new Run(messages);
    }

    @Override
    protected @Nullable Encoded encodeSignal(WireFormat format, TopicName topic, byte[] signal) {
        return null;
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
