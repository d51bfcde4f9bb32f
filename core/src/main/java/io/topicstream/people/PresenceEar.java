package io.topicstream.people;

import io.topicstream.log.Batch;
import io.topicstream.log.Extent;
import io.topicstream.signal.Following;
import io.topicstream.signal.Signal;
import io.topicstream.signal.SystemTopics;

/// The ear of a node on one topic's members elsewhere. Owned by the thread of the presence.
final class PresenceEar extends Following {
    private final PresentTopic topic;
    private final Hearer hearer;

    /// Who is told what it hears.
    interface Hearer {
        /// What was said before may have been missed.
        void onFollowing(PresentTopic topic);

        void onChanged(PresentTopic topic, Signal.MembersChanged changed);
    }

    PresenceEar(Source source, PresentTopic topic, Hearer hearer) {
        super(source, SystemTopics.ofPresence(topic.name()));
        this.topic = topic;
        this.hearer = hearer;
    }

    @Override
    protected void onFollowing(Extent extent) {
        hearer.onFollowing(topic);
    }

    @Override
    public void onCommitted(Batch batch) {
        // Nothing is kept there.
    }

    @Override
    public void onSignal(byte[] signal) {
        if (Signal.decode(signal) instanceof Signal.MembersChanged changed) {
            hearer.onChanged(topic, changed);
        }
    }
}
