package io.topicstream.people;

import io.topicstream.access.Speaker;
import io.topicstream.log.Signals;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Signal;
import java.time.InstantSource;

/// Tells the rooms of each connection that comes or leaves, at once, for the dialects that announce them. Thread-safe.
///
/// A connection whose dialect has one room at a time is announced when it is greeted and when it moves. Another one is
/// when it is seen in a room that it listens to.
public final class Notices {
    private final Signals signals;
    private final InstantSource clock;

    public Notices(Signals signals, InstantSource clock) {
        this.signals = signals;
        this.clock = clock;
    }

    /// Tells those in the room that the connection has come, or left.
    ///
    /// @param byMoving whether its client asked for it, or else connected or disconnected
    public void tell(TopicName room, Speaker who, boolean hasCome, boolean byMoving) {
        Signal notice = new Signal.Notice(
                hasCome,
                byMoving,
                who.identity().user(),
                who.attribute(Speaker.USER_ID),
                who.identity().name(),
                clock.millis());
        // One that is refused is lost, as all signals may be.
        var _ = signals.signal(room, notice.encode());
    }

    /// Tells of a connection that is seen in a topic from now on, or no longer: if that is a room, and its
    /// dialect does not say by itself when it comes and leaves.
    public void tellOfListener(TopicName topic, Speaker who, boolean hasCome) {
        if (RoomTopic.isRoom(topic) && who.attribute(Speaker.ROOM) == null) {
            tell(topic, who, hasCome, false);
        }
    }
}
