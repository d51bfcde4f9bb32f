package io.topicstream.people;

import io.topicstream.access.Identity;
import io.topicstream.access.Permission;
import io.topicstream.log.TopicName;
import io.topicstream.policy.PresencePolicy;
import io.topicstream.policy.TopicPolicies;
import io.topicstream.topic.Attendance;
import io.topicstream.topic.Audience;
import io.topicstream.topic.Listener;
import org.jspecify.annotations.Nullable;

/// Who is seen in a topic, and who hears of the others: what the topic's policy says, and what is asked for.
public final class Attendances {
    private Attendances() {}

    /// The attendance of somebody who subscribes.
    ///
    /// @param wants what is asked for; null where nothing is said, so that the policy decides
    public static Attendance of(TopicPolicies policies, Identity who, TopicName topic, @Nullable Boolean wants) {
        PresencePolicy policy = policies.of(topic).presence();
        boolean attends = switch (policy) {
            case OFF -> false;
            case ON_REQUEST -> wants != null && wants;
            case COUNTS, NAMES -> wants == null || wants;
        };
        if (!attends) {
            return Attendance.NONE;
        }
        return who.may(Permission.PRESENCE, topic) ? Attendance.HEARING : Attendance.SEEN;
    }

    /// The rights of the listener's client have changed: it hears who comes and goes only where it still may.
    public static void renew(Audience audience, Listener listener, Identity who) {
        for (TopicName topic : listener.topics()) {
            if (listener.hears(topic) && !who.may(Permission.PRESENCE, topic)) {
                audience.attend(listener, topic, Attendance.SEEN);
            }
        }
    }
}
