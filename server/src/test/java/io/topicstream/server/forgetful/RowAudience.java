package io.topicstream.server.forgetful;

import static io.topicstream.server.forgetful.ConnectionRows.await;

import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.protocol.From;
import io.topicstream.server.forgetful.AudienceRows.Row;
import io.topicstream.topic.Audience;
import io.topicstream.topic.JoinReply;
import io.topicstream.topic.Listener;
import io.topicstream.topic.StartingPoint;
import java.time.InstantSource;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Who listens, as rows beside the log. It has no state but the rows, and may block: the thread that
/// calls it runs one frame and nothing else.
final class RowAudience implements Audience {
    private static final long RETRY_NS = TimeUnit.MILLISECONDS.toNanos(2);

    private final TopicLog log;
    private final AudienceRows rows;
    private final ConnectionRows connections;
    private final FanOut fanOut;
    private final InstantSource clock;

    RowAudience(TopicLog log, AudienceRows rows, ConnectionRows connections, FanOut fanOut, InstantSource clock) {
        this.log = log;
        this.rows = rows;
        this.connections = connections;
        this.fanOut = fanOut;
        this.clock = clock;
    }

    @Override
    public void join(Listener listener, TopicName topic, @Nullable From from, JoinReply reply) {
        StartingPoint start;
        Row held;
        try {
            if (from == null && rows.find(topic, listener.connectionId()) != null) {
                reply.onJoined(topic, await(log.extent(topic)), JoinReply.NO_RESET, false, () -> {});
                return;
            }
            connections.addTopic(listener.connectionId(), topic);
            do {
                Row row = whenFree(topic, listener.connectionId());
                start = await(StartingPoint.find(log, topic, from == null ? From.NEW : from));
                long untilMs = clock.millis() + FanOut.HOLD_MS;
                long epoch = start.extent().epoch();
                held = row == null
                        ? rows.create(
                                topic,
                                listener.connectionId(),
                                ((RowListener) listener).format(),
                                epoch,
                                start.offset(),
                                untilMs)
                        : rows.move(topic, row, epoch, start.offset(), untilMs);
            } while (held == null);
        } catch (CompletionException e) {
            reply.onJoinFailed(topic, e.getCause());
            return;
        }
        Row joined = held;
        reply.onJoined(topic, start.extent(), start.commonOffset(), start.truncated(), () -> begin(topic, joined));
    }

    /// Lets the messages come to everything that the connection has joined and not begun.
    void beginAll(String connectionId) {
        for (TopicName topic : connections.topics(connectionId)) {
            Row row = rows.find(topic, connectionId);
            if (row != null && !row.begun()) {
                begin(topic, row);
            }
        }
    }

    private void begin(TopicName topic, Row held) {
        if (rows.release(topic, held, held.epoch(), held.next())) {
            fanOut.enqueueDelivery(topic, held.connectionId());
        }
    }

    /// The offset that the listener wants next, or what is given where it does not listen.
    long next(Listener listener, TopicName topic, long otherwise) {
        Row row = rows.find(topic, listener.connectionId());
        return row == null ? otherwise : row.next();
    }

    @Override
    public boolean leave(Listener listener, TopicName topic) {
        boolean left;
        Row row;
        do {
            row = whenFree(topic, listener.connectionId());
            left = row != null && rows.delete(topic, row);
        } while (row != null && !left);
        connections.removeTopic(listener.connectionId(), topic);
        return left;
    }

    @Override
    public void leaveAll(Listener listener) {
        for (TopicName topic : connections.topics(listener.connectionId())) {
            Row row = rows.find(topic, listener.connectionId());
            while (row != null && !rows.delete(topic, row)) {
                // Whoever holds it finds it gone; there is nobody to be told anything any more.
                row = rows.find(topic, listener.connectionId());
            }
            connections.removeTopic(listener.connectionId(), topic);
        }
    }

    /// The row, or null, once nobody delivers to it: what comes after leaving or starting anew must not
    /// cross with what came before.
    private @Nullable Row whenFree(TopicName topic, String connectionId) {
        while (true) {
            Row row = rows.find(topic, connectionId);
            if (row == null || !row.isHeld(clock.millis())) {
                return row;
            }
            LockSupport.parkNanos(RETRY_NS);
        }
    }
}
