package io.topicstream.people;

import io.topicstream.log.Deadlines;
import io.topicstream.log.TopicName;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.signal.Following;
import java.util.Map;
import java.util.function.Consumer;

/// What holds for the topics in which somebody is: looked up when the first one comes, and again when the owner
/// of a room has said something else. Owned by the thread of the presence.
final class PresentPolicies implements RoomsEar.Hearer {
    /// After how long one is looked up again that could not be, in milliseconds.
    private static final long AGAIN_MS = 1_000;

    private final PresencePolicies policies;
    private final Map<String, PresentTopic> topics;
    private final Following.Source source;
    private final Deadlines deadlines;
    private final Consumer<PresentTopic> onFound;
    private final RoomsEar ear;
    private boolean ended;

    /// @param topics by name
    /// @param onFound told of each topic of which it is known
    PresentPolicies(
            PresencePolicies policies,
            Map<String, PresentTopic> topics,
            Following.Source source,
            Deadlines deadlines,
            Consumer<PresentTopic> onFound) {
        this.policies = policies;
        this.topics = topics;
        this.source = source;
        this.deadlines = deadlines;
        this.onFound = onFound;
        this.ear = new RoomsEar(source, this);
    }

    void begin() {
        ear.begin();
    }

    void end() {
        ended = true;
        ear.end();
    }

    /// A topic in which somebody is from now on.
    PresentTopic begin(TopicName name) {
        PresencePolicy known = policies.known(name);
        PresentTopic topic = new PresentTopic(name, known == null ? policies.configured(name) : known);
        if (known == null) {
            topic.askPolicy();
            lookUp(topic);
        }
        return topic;
    }

    private void lookUp(PresentTopic topic) {
        deadlines.within(policies.of(topic.name()), (policy, _) -> {
            if (policy != null) {
                topic.take(policy);
                onFound.accept(topic);
            } else if (!ended && (!topic.isEmpty() || topic.holdsEvents())) {
                source.timers().schedule(() -> lookUp(topic), AGAIN_MS);
            }
        });
    }

    @Override
    public void onRoomChanged(TopicName room) {
        PresentTopic topic = topics.get(room.value());
        if (topic != null) {
            lookUpAgain(topic);
        }
    }

    @Override
    public void onMissed() {
        topics.values().forEach(this::lookUpAgain);
    }

    private void lookUpAgain(PresentTopic topic) {
        if (policies.known(topic.name()) == null) {
            lookUp(topic);
        }
    }
}
