package io.topicstream.testkit;

import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.Follower;
import io.topicstream.log.Message;
import io.topicstream.log.TopicName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A follower that keeps what it hears, in order, and reports to its [RecordingLane].
///
/// It drops what is older than the position it was answered with, as the port allows it to come, and
/// nothing else: what is left must be without gap or repeat, which [#messages] only shows and the
/// test asserts.
public final class RecordingFollower implements Follower {
    private final TopicName topic;
    private final RecordingLane lane;
    private final CompletableFuture<Extent> followed = new CompletableFuture<>();
    private final CompletableFuture<@Nullable Void> lost = new CompletableFuture<>();
    private final List<Message> messages = new ArrayList<>();
    // Of the lane's thread.
    private long next = -1;

    public RecordingFollower(TopicName topic, RecordingLane lane) {
        this.topic = topic;
        this.lane = lane;
    }

    public TopicName topic() {
        return topic;
    }

    public RecordingLane lane() {
        return lane;
    }

    /// Completes when the follow is answered.
    public CompletableFuture<Extent> followed() {
        return followed;
    }

    /// Completes when the feed is lost.
    public CompletableFuture<@Nullable Void> lost() {
        return lost;
    }

    /// The messages heard at or after the position that the follow was answered with.
    public List<Message> messages() {
        synchronized (messages) {
            return List.copyOf(messages);
        }
    }

    /// The offsets of [#messages].
    public List<Long> offsets() {
        return messages().stream().map(Message::offset).toList();
    }

    @Override
    public void onFollowed(Extent extent) {
        lane.hear(new Heard.Followed(lane.handOver(), this, extent));
        next = extent.nextOffset();
        if (!followed.complete(extent)) {
            lane.fail(new AssertionError("the follow of " + topic + " on " + lane + " was answered twice"));
        }
    }

    @Override
    public void onCommitted(Batch batch) {
        lane.hear(new Heard.Committed(lane.handOver(), this, batch));
        if (next < 0) {
            // Older than the position, or a batch that came before the answer: the port has it that
            // those are older too, and the offsets that are missing later would show it.
            return;
        }
        synchronized (messages) {
            for (Message message : batch.messages()) {
                if (message.offset() >= next) {
                    messages.add(message);
                }
            }
        }
    }

    @Override
    public void onSignal(byte[] signal) {
        lane.hear(new Heard.Signalled(lane.handOver(), this, new String(signal, StandardCharsets.UTF_8)));
    }

    @Override
    public void onLost() {
        lane.hear(new Heard.Lost(lane.handOver(), this));
        lost.complete(null);
    }

    @Override
    public String toString() {
        return "follower of " + topic + " on " + lane;
    }
}
