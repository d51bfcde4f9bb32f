package io.topicstream.people;

import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.log.TopicName;
import io.topicstream.signal.Following;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;

/// The ear on what owners say of their rooms, on whatever node. Owned by the thread of its source.
final class RoomsEar extends Following {
    private final Hearer hearer;
    private boolean everFollowed;

    /// Who is told what it hears.
    interface Hearer {
        /// The room is to be looked up again.
        void onRoomChanged(TopicName room);

        /// Any room may have changed meanwhile.
        void onMissed();
    }

    RoomsEar(Source source, Hearer hearer) {
        super(source, SystemTopics.ROOMS);
        this.hearer = hearer;
    }

    @Override
    protected void onFollowing(Extent extent) {
        if (everFollowed) {
            hearer.onMissed();
        }
        everFollowed = true;
    }

    @Override
    public void onCommitted(Batch batch) {
        // Nothing is kept there.
    }

    @Override
    public void onSignal(byte[] signal) {
        if (Signal.decode(signal) instanceof Signal.RoomChanged(TopicName room)) {
            hearer.onRoomChanged(room);
        }
    }
}
