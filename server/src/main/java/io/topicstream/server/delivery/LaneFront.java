package io.topicstream.server.delivery;

import io.topicstream.connection.LaneConnections;
import io.topicstream.people.RoomChanges;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.session.LaneSessions;
import io.topicstream.session.Node;
import java.util.function.Consumer;

/// What an event loop has of its own, and what its connections need of the server. To be used on the loop.
///
/// @param errors told the code of every error that a client gets
public record LaneFront(
        EventLoopLane lane,
        LaneSessions sessions,
        RoomChanges rooms,
        LaneConnections connections,
        Node node,
        Consumer<ErrorCode> errors) {}
