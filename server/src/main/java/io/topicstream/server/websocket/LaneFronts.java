package io.topicstream.server.websocket;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.topicstream.access.RightsChange;
import io.topicstream.connection.ConnectionEvents;
import io.topicstream.connection.ConnectionIds;
import io.topicstream.connection.Connections;
import io.topicstream.connection.LaneConnections;
import io.topicstream.connection.NodeConnections;
import io.topicstream.connection.NodeTag;
import io.topicstream.dialect.Dialects;
import io.topicstream.log.TopicFeed;
import io.topicstream.log.TopicLog;
import io.topicstream.log.TopicName;
import io.topicstream.people.NodePresence;
import io.topicstream.people.RoomChanges;
import io.topicstream.people.UserConnection;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.server.delivery.Conversing;
import io.topicstream.server.delivery.EventLoopLane;
import io.topicstream.server.delivery.FrameEncoder;
import io.topicstream.server.delivery.LaneFront;
import io.topicstream.session.LaneSessions;
import io.topicstream.session.Node;
import io.topicstream.session.Session;
import io.topicstream.topic.OutboundBudget;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;

/// What each event loop of a server has of its own: a lane, the sessions on it, and its connections by their
/// ids. Made once; read by any thread.
public final class LaneFronts {
    private static final System.Logger LOGGER = System.getLogger(LaneFronts.class.getName());

    private final IdentityHashMap<EventLoop, LaneFront> byLoop = new IdentityHashMap<>();
    private final List<LaneFront> fronts;
    private final List<EventLoopLane> lanes;
    private final List<PresenceTelling> tellings;
    private final NodeConnections connections;

    /// Makes a lane for each loop, and lets it listen for what concerns its sessions.
    ///
    /// @param feed through which the lanes hear what is committed
    /// @param random from which is drawn how long a lane waits before it tries something again, and the ids of
    ///     errors; thread-safe
    /// @param maxPayloadBytes of a message
    /// @param tag of this node
    /// @param isAlive whether another node with a tag lives
    /// @param ids makes a maker of ids for the loop with a number
    /// @param errors told the code of every error that a client gets
    /// @param events told of each connection that is opened and closed
    public LaneFronts(
            List<EventLoop> loops,
            Node node,
            TopicFeed feed,
            OutboundBudget budget,
            RandomGenerator random,
            int maxPayloadBytes,
            NodeTag tag,
            IntFunction<CompletionStage<Boolean>> isAlive,
            IntFunction<ConnectionIds> ids,
            Consumer<ErrorCode> errors,
            ConnectionEvents events) {
        TopicLog log = node.log();
        List<LaneConnections> byNumber = new ArrayList<>();
        List<LaneFront> byLane = new ArrayList<>();
        List<EventLoopLane> all = new ArrayList<>();
        for (EventLoop loop : loops) {
            int number = byNumber.size();
            ConnectionIds own = ids.apply(number);
            Dialects dialects = new Dialects(maxPayloadBytes, random, node.clock());
            FrameEncoder encoder = new FrameEncoder(PooledByteBufAllocator.DEFAULT, dialects::of);
            EventLoopLane lane = new EventLoopLane(loop, encoder, log, feed, budget, random);
            LaneConnections opened = new LaneConnections(own, lane::run, lane.deadlines(), number, events);
            LaneSessions sessions = new LaneSessions(node, lane.source(), lane.deadlines(), lane);
            RoomChanges rooms = new RoomChanges(
                    node.policies(), lane.source(), lane.deadlines(), lane, task -> sessions(opened, task));
            LaneFront front = new LaneFront(lane, sessions, rooms, opened, node, errors);
            byLoop.put(loop, front);
            byLane.add(front);
            byNumber.add(opened);
            all.add(lane);
            loop.execute(sessions::start);
            loop.execute(rooms::begin);
        }
        this.fronts = List.copyOf(byLane);
        this.lanes = List.copyOf(all);
        this.tellings = lanes.stream().map(PresenceTelling::new).toList();
        this.connections =
                new NodeConnections(tag, byNumber, feed, isAlive, all.getFirst().source());
        loops.getFirst().execute(connections::start);
    }

    /// Releases everything, when the loops have ended: an engine that others still use must not go on
    /// telling lanes that nobody serves.
    public void close() {
        connections.stop();
        byLoop.values().forEach(front -> {
            front.sessions().stop();
            front.rooms().end();
            front.lane().close();
        });
    }

    private static void sessions(LaneConnections opened, Consumer<UserConnection> task) {
        opened.forEach(connection -> {
            Session session = connection instanceof Conversing conversing ? conversing.conversation() : null;
            if (session != null) {
                task.accept(session);
            }
        });
    }

    /// Says on every lane who came into topics and went, to those who listen there and hear it. On any thread.
    public void tellPresence(List<NodePresence.Told> told) {
        tellings.forEach(telling -> telling.enqueue(told));
    }

    /// Lets the sessions of every lane claim their names again, which somebody else may have now. On any thread.
    public void claimNamesAgain() {
        byLoop.forEach((loop, front) -> {
            try {
                loop.execute(front.sessions()::claimNamesAgain);
            } catch (RejectedExecutionException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "a loop has ended, and its sessions with it", e);
            }
        });
    }

    /// Rights have changed: on every lane, the connections that have none any more end, or leave the room that was
    /// deleted. On any thread.
    public void tellRights(RightsChange change) {
        byLoop.forEach((loop, front) -> {
            try {
                loop.execute(() -> {
                    if (change instanceof RightsChange.OfRoom(TopicName room)) {
                        front.rooms().onDeleted(room);
                    } else {
                        front.sessions().onRightsChanged(change);
                    }
                    front.lane().flush();
                });
            } catch (RejectedExecutionException e) {
                LOGGER.log(System.Logger.Level.DEBUG, "a loop has ended, and its sessions with it", e);
            }
        });
    }

    /// What the loops of this server have of their own, by the numbers of their lanes: for a door whose connections
    /// have sessions too.
    public List<LaneFront> fronts() {
        return fronts;
    }

    /// The connections of a loop of this server, by their ids: for a door that adds its own. To be used on the loop.
    public LaneConnections connectionsOn(EventLoop loop) {
        return of(loop).connections();
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

    /// The connections of all nodes, by their ids.
    public Connections connections() {
        return connections;
    }
}
