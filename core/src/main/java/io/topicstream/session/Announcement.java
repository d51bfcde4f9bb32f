package io.topicstream.session;

import io.topicstream.log.TopicName;
import io.topicstream.people.Notices;

/// What rooms are told of one connection that is in one at a time: once that it has come, and at its end that it has
/// left. Owned by the session's thread.
final class Announcement {
    private final Session session;
    private final Notices notices;
    private boolean isMade;

    /// Of a connection that was greeted.
    Announcement(Session session, Notices notices) {
        this.session = session;
        this.notices = notices;
    }

    /// Makes it when the connection hears what is said in the room, so that it hears that too.
    void makeWhenHearing(TopicName room) {
        session.audience().whenHearing(session.listener(), room, () -> make(room));
    }

    private void make(TopicName room) {
        if (!isMade) {
            isMade = true;
            notices.tell(room, session.record(), true, false);
        }
    }

    /// The connection has moved: of its coming both rooms were told.
    void onMoved() {
        isMade = true;
    }

    /// The connection has ended in this room. One that ended before it could hear has come all the same.
    void onEnded(TopicName room) {
        make(room);
        notices.tell(room, session.record(), false, false);
    }
}
