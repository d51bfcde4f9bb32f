package io.topicstream.session;

import io.topicstream.access.Permission;
import io.topicstream.access.Speaker;
import io.topicstream.log.TopicName;
import io.topicstream.people.RoomTopic;
import io.topicstream.protocol.ClientFrame;
import io.topicstream.protocol.ErrorCode;
import io.topicstream.protocol.ServerFrame;
import io.topicstream.protocol.WireFormat;

/// What becomes of a session that listens to a room which was deleted: its client is told, and it is there no longer.
/// One per deletion. Owned by the session's thread.
///
/// A client that is always in one room goes to the one to which it returns. Where that is the room itself, or there is
/// no other, it stays: the room is empty now, and goes on.
final class DeletedRoom {
    private final Session session;
    private final Sessions sessions;
    private final Outbound outbound;

    DeletedRoom(Session session, Sessions sessions, Outbound outbound) {
        this.session = session;
        this.sessions = sessions;
        this.outbound = outbound;
    }

    void leave(TopicName room) {
        if (room.equals(session.record().room())) {
            tell(room);
            goToGeneral(room);
        } else if (sessions.audience().leave(session.listener(), room)) {
            // What is just being looked up of the user's topics may be of before.
            sessions.changedDurably(session, room);
            tell(room);
        }
    }

    private void tell(TopicName room) {
        outbound.send(new ServerFrame.RoomEnded(room));
    }

    private void goToGeneral(TopicName room) {
        TopicName general = RoomTopic.of(RoomTopic.GENERAL);
        if (session.record().format() != WireFormat.ROOMS || general == null || room.equals(general)) {
            return;
        }
        if (session.identity().may(Permission.SUBSCRIBE, general)) {
            String from = session.record().attribute(Speaker.ROOM);
            session.accept(new ClientFrame.Move(null, RoomTopic.GENERAL, true, from));
        } else {
            outbound.close(ErrorCode.FORBIDDEN.closeCode(), "the room of this connection was deleted");
        }
    }
}
