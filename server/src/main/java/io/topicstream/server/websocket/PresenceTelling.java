package io.topicstream.server.websocket;

import io.topicstream.people.NodePresence;
import io.topicstream.server.delivery.EventLoopLane;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;

/// The way by which those who listen on one lane are told who comes and goes. Thread-safe.
///
/// What waits for a lane that does not keep up is bounded; the rest is lost, as every signal may be.
final class PresenceTelling {
    private static final long MOST_BYTES = 4 << 20;
    /// What one signal takes beside its bytes.
    private static final int SIGNAL_BYTES = 64;

    private final EventLoopLane lane;
    private final AtomicLong waitingBytes = new AtomicLong();

    PresenceTelling(EventLoopLane lane) {
        this.lane = lane;
    }

    void enqueue(List<NodePresence.Told> told) {
        long bytes = 0;
        for (NodePresence.Told each : told) {
            bytes += SIGNAL_BYTES + each.signal().length;
        }
        long taken = bytes;
        if (waitingBytes.addAndGet(taken) > MOST_BYTES) {
            waitingBytes.addAndGet(-taken);
            return;
        }
        try {
            lane.run(() -> {
                waitingBytes.addAndGet(-taken);
                for (NodePresence.Told each : told) {
                    lane.tellAttending(each.topic(), each.signal());
                }
            });
        } catch (RejectedExecutionException e) {
            // The loop has ended, and nobody listens.
        }
    }
}
