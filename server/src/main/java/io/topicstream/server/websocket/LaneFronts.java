package io.topicstream.server.websocket;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.topicstream.dialect.Dialects;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.delivery.EventLoopLane;
import io.topicstream.server.delivery.FrameEncoder;
import io.topicstream.session.ConnectionIds;
import io.topicstream.session.LaneSessions;
import io.topicstream.session.Node;
import io.topicstream.topic.OutboundBudget;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/// What each event loop of a server has of its own: a lane, the sessions on it, and a maker of
/// connection ids. Made once; read by any thread.
public final class LaneFronts {
    /// One event loop's own.
    record LaneFront(EventLoopLane lane, LaneSessions sessions, ConnectionIds ids) {}

    private final IdentityHashMap<EventLoop, LaneFront> byLoop = new IdentityHashMap<>();
    private final List<EventLoopLane> lanes;
    private final Node node;
    private final Consumer<ErrorCode> errors;

    /// Makes a lane for each loop, and lets it listen for what concerns its sessions.
    ///
    /// @param feed through which the lanes hear what is committed
    /// @param random from which is drawn how long a lane waits before it tries something again, and the ids of
    ///     errors; thread-safe
    /// @param maxPayloadBytes of a message
    /// @param ids makes a maker of ids for one loop
    /// @param errors told the code of every error that a client gets
    public LaneFronts(
            List<EventLoop> loops,
            Node node,
            TopicFeed feed,
            OutboundBudget budget,
            RandomGenerator random,
            int maxPayloadBytes,
            Supplier<ConnectionIds> ids,
            Consumer<ErrorCode> errors) {
        this.node = node;
        this.errors = errors;
        TopicLog log = node.log();
        for (EventLoop loop : loops) {
            ConnectionIds own = ids.get();
            Dialects dialects = new Dialects(maxPayloadBytes, random);
            FrameEncoder encoder = new FrameEncoder(PooledByteBufAllocator.DEFAULT, dialects::of);
            EventLoopLane lane = new EventLoopLane(loop, encoder, log, feed, budget, random);
            LaneSessions sessions = new LaneSessions(node, lane.source(), lane.deadlines(), lane);
            byLoop.put(loop, new LaneFront(lane, sessions, own));
            loop.execute(sessions::start);
        }
        this.lanes = byLoop.values().stream().map(LaneFront::lane).toList();
    }

    /// Releases everything, when the loops have ended: an engine that others still use must not go on
    /// telling lanes that nobody serves.
    public void close() {
        byLoop.values().forEach(front -> {
            front.sessions().stop();
            front.lane().close();
        });
    }

    LaneFront of(EventLoop loop) {
        LaneFront front = byLoop.get(loop);
        if (front == null) {
            throw new IllegalArgumentException("not a loop of this server");
        }
        return front;
    }

    /// The lane of a loop of this server.
    public EventLoopLane lane(EventLoop loop) {
        return of(loop).lane();
    }

    /// All lanes, for their figures.
    public List<EventLoopLane> lanes() {
        return lanes;
    }

    Node node() {
        return node;
    }

    Consumer<ErrorCode> errors() {
        return errors;
    }
}
